"""Where things stand in a supplier's answers, as data: what content faults change.

A *place* is ``"PATHS POINTER"``: a glob over the request's path, and the way from the document's root to the values,
as in ``"/menus menus[].**.items[].price"``. Without a pointer it is the root itself.

========  ==========================================
step      leads to
========  ==========================================
``name``  the field of that name
``[]``    every element of a list
``*``     every value of an object
``**``    the value itself and all values inside it
========  ==========================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

Place = str

ELEMENTS: Mapping[str, type] = {"[]": list, "*": dict}


@dataclass(frozen=True, slots=True)
class Pages:
    """How answers to ``paths`` are paged.

    ``rows`` and ``next`` are the fields, at the root, of a page's rows and of what leads to the next page, which the
    last page does not have. ``asked`` is where a request names its page: ``query:NAME`` or ``body:NAME``, a field of
    the JSON sent; the first page is asked for without.
    """

    paths: str
    rows: str
    next: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """The places of one supplier. What it does not have is empty."""

    rows: tuple[Place, ...] = ()
    """Lists, or objects used as maps, of what is for sale."""
    prices: tuple[Place, ...] = ()
    currencies: tuple[Place, ...] = ()
    ids: tuple[Place, ...] = ()
    """Keys of rows."""
    names: tuple[Place, ...] = ()
    """Fields without which a row cannot be read."""
    tenants: tuple[Place, ...] = ()
    """Whose data it is."""
    clocks: tuple[Place, ...] = ()
    """Instants in RFC 3339."""
    maps: tuple[Place, ...] = ()
    """Objects whose fields are names of rows, so that a field more is a row more."""
    pages: tuple[Pages, ...] = ()

    def pages_of(self, path: str) -> Pages | None:
        """How answers to ``path`` are paged; None when they are not."""
        return next((pages for pages in self.pages if fnmatchcase(path, pages.paths)), None)


@dataclass(frozen=True, slots=True)
class Spot:
    """One value in a document: under ``key`` of ``container``, an object or a list."""

    container: Any
    key: Any

    @property
    def value(self) -> Any:
        """What stands there."""
        return self.container[self.key]

    def put(self, value: Any) -> None:
        """Let ``value`` stand there."""
        self.container[self.key] = value

    def remove(self) -> None:
        """Take the field away; an element of a list becomes null, so that the others keep their places."""
        if isinstance(self.container, dict):
            del self.container[self.key]
        else:
            self.container[self.key] = None

    def rename(self, name: str) -> None:
        """Give the field another name, in the same place. An element of a list has none."""
        if isinstance(self.container, dict):
            fields = [(name if key == self.key else key, value) for key, value in self.container.items()]
            self.container.clear()
            self.container.update(fields)


def spots(holder: list[Any], path: str, places: tuple[Place, ...]) -> list[Spot]:
    """The values at ``places`` of the document ``holder[0]``, an answer to ``path``; each once, in order."""
    found: dict[tuple[int, Any], Spot] = {}
    for place in places:
        paths, _, pointer = place.partition(" ")
        if fnmatchcase(path, paths):
            steps = [step for step in pointer.replace("[]", ".[]").split(".") if step]
            for spot in follow(Spot(holder, 0), steps):
                found.setdefault((id(spot.container), spot.key), spot)
    return list(found.values())


def follow(spot: Spot, steps: list[str]) -> Iterator[Spot]:
    """The spots that ``steps`` lead to from ``spot``."""
    if not steps:
        yield spot
        return
    step, rest, value = steps[0], steps[1:], spot.value
    if step == "**":
        yield from follow(spot, rest)
        for inner in inside(value):
            yield from follow(inner, steps)
    elif isinstance(value, ELEMENTS.get(step, ())):
        for inner in inside(value):
            yield from follow(inner, rest)
    elif isinstance(value, dict) and step in value:
        yield from follow(Spot(value, step), rest)


def inside(value: Any) -> list[Spot]:
    """The values right inside an object or a list."""
    if isinstance(value, dict):
        return [Spot(value, key) for key in value]
    return [Spot(value, at) for at in range(len(value))] if isinstance(value, list) else []
