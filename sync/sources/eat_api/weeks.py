"""Which week files to ask for, and what to remember of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WINDOW = range(-1, 4)
"""Weeks around the supplier's today that every run asks about."""
PAST = range(-12, -1)
"""Older weeks, each asked for until it was answered once."""
READING = 1
"""Number of this reading of the documents. Raise it when they mean other rows: every document is then read again."""


@dataclass(frozen=True, slots=True)
class WeekFile:
    """The file of a canteen's ISO week, named by its Monday."""

    canteen: str
    monday: date

    @property
    def path(self) -> str:
        """Its address at the supplier."""
        year, week, _ = self.monday.isocalendar()
        return f"{self.canteen}/{year}/{week:02}.json"

    @property
    def days(self) -> list[date]:
        """Its days, Monday first."""
        return [self.monday + timedelta(days=day) for day in range(7)]


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier runs left about one file: ``etag`` of the version had, ``absent`` when there was none."""

    etag: str | None = None
    absent: bool = False

    def entry(self) -> dict[str, Any]:
        """As the cursor keeps it."""
        return {"absent": True} if self.absent else {"etag": self.etag, "reading": READING}


def known(cursor: dict[str, Any], path: str) -> Known | None:
    """What the cursor has about ``path``; None when it was never answered, or read in another way."""
    match cursor.get(path):
        case {"absent": True}:
            return Known(absent=True)
        case {"etag": etag, "reading": reading} if reading == READING:
            return Known(etag)
    return None


def wanted_weeks(canteen: str, today: date, cursor: dict[str, Any]) -> Iterator[WeekFile]:
    """The files to ask for now."""
    monday = today - timedelta(days=today.weekday())
    for weeks in (*WINDOW, *PAST):
        file = WeekFile(canteen, monday + timedelta(weeks=weeks))
        if weeks in WINDOW or known(cursor, file.path) is None:
            yield file


def outdated(canteen: str, today: date, cursor: dict[str, Any]) -> dict[str, None]:
    """The cursor's entries about weeks that nobody will ask for again, to be deleted."""
    monday = today - timedelta(days=today.weekday())
    kept = {WeekFile(canteen, monday + timedelta(weeks=weeks)).path for weeks in (*WINDOW, *PAST)}
    return dict.fromkeys(path for path in cursor if path.startswith(f"{canteen}/") and path not in kept)
