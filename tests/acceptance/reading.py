"""An independent reading of a recorded supplier: what must be answered after each publication, by plain Python.

It shares no code with Larder. The rule for a day (canteen, date) at a publication, in the zone of Berlin:

- The publication's newest files decide. Files lie over one another: a file counts as last published, until deleted.
- A day that stands in its week's file equals the file, whatever its date.
- A day that does not, and is before the date of the publication, is as it last stood in a file at an earlier
  publication (the supplier drops days that are over; that is no deletion), unless it was gone by then.
- A day that does not, and is the date of the publication or later, is gone.

A part of a price that is zero is no part of it, unless there is no other: then it costs 0.0000.

Only the weeks that the sync asks for are followed: ``weeks_back`` before the week of the publication's date and
``weeks_ahead`` after it. What lies outside stays as it was when it was last followed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Price:
    """The parts of a price as the answer writes them: four decimals, None where there is no such part."""

    fixed: str | None
    per_unit: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Dish:
    """``prices``: audience in capitals -> parts; an audience without a price is absent."""

    name: str
    prices: dict[str, Price]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Section:
    """A dish type with its dishes, both in the order of the file."""

    name: str
    dishes: list[Dish]


Day = list[Section]


def amount(number: Decimal) -> str:
    return f"{number:.4f}"


def read_price(parts: dict[str, Any]) -> Price:
    base, per_unit = Decimal(parts["base_price"]), Decimal(parts["price_per_unit"] or 0)
    if not per_unit:
        return Price(amount(base), None, None)
    return Price(amount(base) if base else None, amount(per_unit), parts["unit"])


def read_day(dishes: list[dict[str, Any]]) -> Day:
    sections: dict[str, Section] = {}
    for dish in dishes:
        prices = {
            audience.upper(): read_price(parts) for audience, parts in dish["prices"].items() if parts is not None
        }
        section = sections.setdefault(dish["dish_type"], Section(dish["dish_type"], []))
        section.dishes.append(Dish(dish["name"], prices, dish["labels"]))
    return list(sections.values())


class Reading:
    """Follows a recording from its first publication; ``days`` is what must be answered: (canteen id, date) -> day."""

    def __init__(self, folder: Path, weeks_back: int, weeks_ahead: int) -> None:
        self.folder = folder
        self.index: list[dict[str, Any]] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.weeks_back = weeks_back
        self.weeks_ahead = weeks_ahead
        self.files: dict[str, Path] = {}
        self.days: dict[tuple[str, str], Day] = {}
        self.kept = 0
        """How many days of the last publication that was followed are kept though no file lists them."""

    def follow(self, step: int) -> None:
        """Read publication ``step``. Publications are followed in order; those left out were never seen."""
        publication = self.index[step]
        today = datetime.fromisoformat(publication["published_at"]).astimezone(BERLIN).date()
        listed = {key: day for week in self._weeks(today) for key, day in self._read(week)}
        followed = {f"{monday:%G/%V}" for monday in self._mondays(today)}
        for key in [key for key in self.days if key not in listed]:
            served = date.fromisoformat(key[1])
            if f"{served:%G/%V}" in followed and served >= today:
                del self.days[key]
        self.days.update(listed)
        self.kept = len(self.days) - len(listed)

    def lay(self, step: int) -> None:
        """Lay the files of publication ``step`` over those before it."""
        publication = self.index[step]
        for path in publication["changed"]:
            self.files[path] = self.folder / publication["step"] / path
        for path in publication["deleted"]:
            del self.files[path]

    def canteens(self) -> dict[str, str]:
        """Canteen id -> name."""
        return {canteen["canteen_id"]: canteen["name"] for canteen in self._json("canteens.json")}

    def _mondays(self, today: date) -> list[date]:
        monday = today - timedelta(days=today.weekday())
        return [monday + timedelta(weeks=number) for number in range(-self.weeks_back, self.weeks_ahead + 1)]

    def _weeks(self, today: date) -> Iterator[str]:
        for canteen_id in self.canteens():
            for monday in self._mondays(today):
                path = f"{canteen_id}/{monday:%G/%V}.json"
                if path in self.files:
                    yield path

    def _read(self, path: str) -> Iterator[tuple[tuple[str, str], Day]]:
        for day in self._json(path)["days"]:
            yield (path.partition("/")[0], day["date"]), read_day(day["dishes"])

    def _json(self, path: str) -> Any:
        return json.loads(self.files[path].read_text(encoding="utf-8"), parse_float=Decimal)
