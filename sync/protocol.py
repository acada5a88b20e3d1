"""What a source says about its supplier, as a stream of events.

A source yields, for each *scope* it looked at, ``Begin``, then ``Record``, ``Tombstone``, ``Malformed`` in any order,
then ``End``. A scope is the unit in which absence means something: rows of the scope that a complete SNAPSHOT did not
name are gone. Rows of scopes that a run does not mention are left alone.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec


class Mode(enum.StrEnum):
    """What the absence of a record means in a complete scope."""

    SNAPSHOT = "snapshot"
    """Absence means deleted."""
    DELTA = "delta"
    """Absence means nothing: only tombstones delete."""
    SPARSE = "sparse"
    """Absence means the target's default row."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A scope opens."""

    stream: str
    mode: Mode
    scope: str
    """External id of the unit of absence, e.g. ``mensa-garching/2025-10-01``. Unique within a run."""
    confirms: str
    """Key of the unit of freshness, usually a location's external id: confirmed once all its scopes are complete."""
    guarded: bool = False
    """True when a loss of rows here would be visible now or later (dated today or later): the loss guard counts it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that the supplier has, in the neutral vocabulary of ``sync.records``."""

    scope: str
    key: str
    payload: msgspec.Struct
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The supplier says that one thing is gone."""

    scope: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """One thing that could not be read. The row it names, if any, is left as it was.

    With ``key`` unknown (None) nothing can be said about absence in its scope, so nothing is deleted there.
    """

    scope: str
    kind: str
    key: str | None
    rule: str
    value: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the next run goes on, committed together with the data of its unit of freshness.

    ``cursor`` entries are merged into the stream's cursor, key by key; a None deletes the key.
    """

    confirms: str
    cursor: dict[str, Any]


@dataclass(frozen=True, slots=True)
class End:
    """A scope closes. Absence acts only when ``complete``."""

    scope: str
    complete: bool
    as_of: datetime | None = None
    """The supplier's own clock for what it said (UTC), None when it gave none."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The supplier confirmed that a document behind this unit of freshness is what the store already holds (304)."""

    confirms: str
    document: str
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A document could not be had or read: its unit of freshness is not confirmed and none of its scopes publish.

    ``confirms`` None: the whole run depends on it.
    """

    confirms: str | None
    document: str
    rule: str
    value: str


Event = Begin | Record | Tombstone | Malformed | Checkpoint | End | Unchanged | Failed


class Source(Protocol):
    """A supplier's API, read. One file each in ``sync.sources``."""

    def pull(self, stream: str, cursor: dict[str, Any]) -> AsyncIterator[Event]:
        """Yield what the supplier says now about ``stream``; ``cursor`` is what the last published run left.

        No transaction is open while this runs. A failing document is yielded as ``Failed``, not raised.
        """
        ...
