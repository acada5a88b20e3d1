"""The scopes that a run has opened, and those that earlier runs knew of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sync.protocol import Begin, Checkpoint, End, Event, Mode
from sync.sources.http_json.declarations import DocumentOf, StreamOf
from sync.sources.http_json.expressions import Unreadable
from sync.sources.http_json.functions import Around
from sync.sources.http_json.mapping import key_of

MEMORY = "scope/"
KNOWN = "scopes"
"""Name under which the scopes are noted, whatever becomes of their units."""


@dataclass(slots=True)
class Opened:
    """Scope to unit. ``doubtful``: an item could not be told to be of one scope, so absence says nothing anywhere."""

    stream: StreamOf
    units: dict[str, str] = field(default_factory=dict)
    as_of: dict[str, datetime] = field(default_factory=dict)
    doubtful: bool = False

    def names(self, document: DocumentOf, around: Around) -> tuple[str, str]:
        """Unit and scope of what ``around`` is about. Raises ``Unreadable``."""
        unit = key_of(document.confirms, around.item, around)
        scope = key_of(document.scope, around.item, around)
        return unit, scope if self.stream.mode is Mode.SPARSE else f"{self.stream.name}/{scope}"

    def open(self, unit: str, scope: str) -> Iterator[Event]:
        """Open a scope that is not. Raises ``Unreadable`` when it belongs to another unit."""
        new = scope not in self.units
        known = self.units.setdefault(scope, unit)
        if known != unit:
            raise Unreadable(f"the scope {scope} must belong to one unit of freshness", f"{known} and {unit}")
        if new:
            yield Begin(self.stream.name, self.stream.mode, scope, unit, guarded=self.stream.guarded)

    def told(self, scope: str, at: datetime | None) -> None:
        """Note the supplier's clock for a scope; the oldest counts."""
        if at is not None:
            self.as_of[scope] = min(self.as_of.get(scope, at), at)

    def close(self, cursor: Mapping[str, Any], *, whole: bool) -> Iterator[Event]:
        """End every scope. ``whole``: every document was had, so that a scope which none named is empty."""
        for scope in self.units:
            yield End(scope, complete=not self.doubtful, as_of=self.as_of.get(scope))
        if self.stream.mode is Mode.DELTA:
            return
        yield Checkpoint(KNOWN, {f"{MEMORY}{scope}": unit for scope, unit in self.units.items()})
        if not whole or self.doubtful:
            return
        for scope, unit in remembered(cursor).items():
            if scope not in self.units:
                yield Begin(self.stream.name, self.stream.mode, scope, unit, guarded=self.stream.guarded)
                yield End(scope, complete=True, as_of=min(self.as_of.values(), default=None))
                yield Checkpoint(unit, {f"{MEMORY}{scope}": None})


def remembered(cursor: Mapping[str, Any]) -> dict[str, str]:
    """The scopes that earlier runs knew of, each with its unit."""
    return {key.removeprefix(MEMORY): unit for key, unit in cursor.items() if key.startswith(MEMORY)}
