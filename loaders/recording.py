"""What the read path sends to the store, written down on request: each statement, for which fields, how many keys.

Nobody records in production: then a statement costs one look at a context variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphql.pyutils import Path


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement. paths: the fields that caused it, () when nobody said. keys: None for a statement without keys.

    outside: sent by Django's ORM, not through a fetch.
    """

    text: str
    paths: tuple[str, ...]
    keys: int | None
    outside: bool


@dataclass(slots=True)
class Recording:
    """Statements in the order in which they were sent."""

    statements: list[Sent] = field(default_factory=list)


_recordings: ContextVar[tuple[Recording, ...]] = ContextVar("recordings", default=())
_asking: ContextVar[tuple[str, ...]] = ContextVar("asking", default=())


@contextmanager
def recording() -> Iterator[Recording]:
    """Record every statement sent by this task, and by the tasks and ``sync_to_async`` threads that it starts.

    Recordings nest: each gets every statement.
    """
    made = Recording()
    token = _recordings.set((*_recordings.get(), made))
    try:
        yield made
    finally:
        _recordings.reset(token)


def is_recording() -> bool:
    """Whether anybody wants to know."""
    return bool(_recordings.get())


def record(text: str, paths: Iterable[str] = (), keys: int | None = None, *, outside: bool = False) -> None:
    """Write down one statement about to be sent. Call it in a task of the operation that caused it.

    paths: response path patterns (see ``pattern``) of the fields that it is for; without any, those of ``asked_by``.
    """
    recordings = _recordings.get()
    if recordings:
        sent = Sent(text, tuple(paths) or _asking.get(), keys, outside)
        for each in recordings:
            each.statements.append(sent)


@contextmanager
def asked_by(paths: Iterable[str]) -> Iterator[None]:
    """Statements sent inside are for these fields; without any, for those already known."""
    token = _asking.set(tuple(paths) or _asking.get())
    try:
        yield
    finally:
        _asking.reset(token)


def pattern(path: Path | None) -> str:
    """A response path with its list positions left out: ``location.menus[].sections[].items[].prices``."""
    steps: list[str] = []
    while path is not None:
        steps.append("[]" if isinstance(path.key, int) else f".{path.key}")
        path = path.prev
    return "".join(reversed(steps)).removeprefix(".")
