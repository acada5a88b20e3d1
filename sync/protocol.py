"""What a source says about its supplier, as a stream of events.

A source yields, for each *scope* it looked at, ``Begin``, then ``Record``, ``Tombstone``, ``Malformed`` in any order,
then ``End``. A scope is the unit in which absence means something: rows of the scope that a complete SNAPSHOT did not
name are gone. Rows of scopes that a run does not mention are left alone.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

import msgspec

from sync.documents import Documents


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


class Payload(Protocol):
    """A record's content, a struct of ``sync.records`` or of an application's own."""

    kind: ClassVar[str]


class Record(msgspec.Struct, frozen=True, gc=False):
    """One thing that the supplier has, in the neutral vocabulary of ``sync.records``. There are many, and no cycles."""

    scope: str
    key: str
    payload: Payload
    version: str | None = None

    @property
    def kind(self) -> str:
        """The kind of its payload."""
        return self.payload.kind


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

    It stands for the scopes of its unit since the unit's previous checkpoint. While a SNAPSHOT among them holds
    something that was refused, or is incomplete, its keys are deleted instead, so that the next run asks for all of it.

    ``cursor`` entries are merged into the stream's cursor, key by key; a None deletes the key. Numbers with a fraction
    come back as ``Decimal``.
    """

    confirms: str
    cursor: dict[str, Any]
    document: str | None = None
    """The document that was read, if it was one, for the run's count."""


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
    guarded: tuple[str, ...] = ()
    """Scopes of the document that count for the loss guard: they lose nothing."""


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

    def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        """Yield what the supplier says now about ``stream``; ``cursor`` is what the last published run left.

        ``documents`` is the only way to the supplier: it is polite, and remembers every answer, so that the run can be
        done again without the supplier. So what is yielded must follow from the cursor and the answers alone. No
        transaction is open while this runs. A failing document is yielded as ``Failed``, not raised.
        """
        ...
