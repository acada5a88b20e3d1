"""What a run leaves for the next one, location by location.

A *mark* says up to where the location's rows were read; it goes when something of it was refused, and then everything
is read again. What is *known* says what the store holds, so that what vanished can be told from what never was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """``since``: Square's ``latest_time``; ``frame``: digest of locations and options; ``full_at``: the last full run.

    ``counted``: the newest ``calculated_at`` of a count.
    """

    since: str
    frame: str
    full_at: str
    counted: str | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of what a location has.

    ``objects`` are items and modifier lists, ``lists`` the latter alone; ``images`` are those that its items name;
    ``loose`` are its items in no category. ``unsure`` are objects of which something could not be read: each run asks
    for them again.
    """

    merchant: str
    objects: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """Marks and what is known, by location."""

    marks: Mapping[str, Mark]
    known: Mapping[str, Known]

    @classmethod
    def read(cls, cursor: Mapping[str, Any]) -> Memory:
        """Out of a stream's cursor."""
        return cls(
            {
                key.removesuffix("/at"): msgspec.convert(said, Mark)
                for key, said in cursor.items()
                if key.endswith("/at")
            },
            {
                key.removesuffix("/known"): msgspec.convert(said, Known)
                for key, said in cursor.items()
                if key.endswith("/known")
            },
        )

    @property
    def merchant(self) -> str | None:
        """Whose rows the store holds."""
        return next((known.merchant for known in self.known.values()), None)

    @property
    def objects(self) -> set[str]:
        """Ids of the objects that have rows anywhere."""
        return {key for known in self.known.values() for key in known.objects}

    @property
    def unsure(self) -> set[str]:
        """Ids of the objects to ask for again."""
        return {key for known in self.known.values() for key in known.unsure}

    @property
    def images(self) -> set[str]:
        """Ids of the images that items name."""
        return {key for known in self.known.values() for key in known.images}


def marked(location: str, mark: Mark | None) -> dict[str, Any]:
    """The cursor's entry for a mark; None takes it away."""
    return {f"{location}/at": None if mark is None else msgspec.to_builtins(mark)}


def remembered(location: str, known: Known | None) -> dict[str, Any]:
    """The cursor's entry for what is known; None takes it away."""
    return {f"{location}/known": None if known is None else msgspec.to_builtins(known)}
