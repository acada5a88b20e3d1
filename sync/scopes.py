"""What a run heard: scopes (units of absence) and units (of freshness), as the source's events told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sync.errors import ProtocolBroken
from sync.protocol import Begin, End, Mode


@dataclass(slots=True)
class Scope:
    """A scope between Begin and End. ``keyless``: something in it could not even be named, so absence says nothing."""

    begin: Begin
    closed: bool = False
    complete: bool = False
    keyless: bool = False
    as_of: datetime | None = None
    digest: UUID | None = None
    """Of what a complete snapshot said, if all of it could be read."""
    repeated: bool = False
    """Whether that stands in the store already: nothing of it is staged."""

    @property
    def name(self) -> str:
        """Its external id."""
        return self.begin.scope

    @property
    def exhaustive(self) -> bool:
        """Whether it told of everything there is, readable or not."""
        return self.complete and self.begin.mode is not Mode.DELTA

    @property
    def decisive(self) -> bool:
        """Whether a row that is not staged is one that the supplier no longer has, or cannot name."""
        return self.exhaustive and not self.repeated


@dataclass(frozen=True, slots=True)
class Note:
    """What the next run shall know if ``scopes`` are published as they were told."""

    cursor: dict[str, Any]
    scopes: tuple[Scope, ...]


@dataclass(slots=True)
class Unit:
    """A unit of freshness: its scopes, and the notes for the next run that follow them."""

    name: str
    scopes: list[Scope] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Guarded scopes that stay as they are."""
    heard: bool = False
    failed: bool = False
    as_of: datetime | None = None

    @property
    def complete(self) -> bool:
        """Whether every document behind it was had and every scope is complete."""
        return not self.failed and all(scope.complete for scope in self.scopes)

    def note(self, cursor: dict[str, Any]) -> None:
        """Take a checkpoint: it stands for the scopes since the one before."""
        noted = sum(len(note.scopes) for note in self.notes)
        self.notes.append(Note(cursor, tuple(self.scopes[noted:])))

    def hear(self, as_of: datetime | None) -> None:
        """Note that the supplier spoke of it; the oldest of its clocks counts."""
        self.heard = True
        self.as_of = min((told for told in (self.as_of, as_of) if told), default=None)


@dataclass(slots=True)
class Heard:
    """All scopes and units of a run, and the documents that it asked for."""

    scopes: dict[str, Scope] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    documents: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def unit(self, name: str) -> Unit:
        """The unit, new when it was not heard of before."""
        return self.units.setdefault(name, Unit(name))

    def begin(self, event: Begin) -> Scope:
        """Open a scope. Raises ``ProtocolBroken`` when it was open before."""
        if event.scope in self.scopes:
            raise ProtocolBroken(f"scope {event.scope!r} begins twice")
        scope = self.scopes[event.scope] = Scope(event)
        self.unit(event.confirms).scopes.append(scope)
        return scope

    def opened(self, name: str) -> Scope:
        """The open scope. Raises ``ProtocolBroken`` when it is not open."""
        scope = self.scopes.get(name)
        if scope is None or scope.closed:
            raise ProtocolBroken(f"scope {name!r} is not open")
        return scope

    def end(self, event: End) -> Scope:
        """Close a scope."""
        scope = self.opened(event.scope)
        scope.closed, scope.complete, scope.as_of = True, event.complete, event.as_of
        self.unit(scope.begin.confirms).hear(event.as_of)
        return scope

    @property
    def whole(self) -> bool:
        """Whether the run said everything there is, by itself: nothing unchanged, nothing left out."""
        scopes = self.scopes.values()
        return not self.unchanged and not self.failed and bool(scopes) and all(scope.exhaustive for scope in scopes)

    @property
    def as_of(self) -> datetime | None:
        """The oldest clock of the supplier in this run."""
        return min((unit.as_of for unit in self.units.values() if unit.as_of), default=None)
