"""The registry of kinds of sources: one line per supplier's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sync.errors import SettingsError
from sync.protocol import Source
from sync.settings import SourceSettings
from sync.sources.eat_api.source import EatApi


@dataclass(frozen=True, slots=True)
class StreamKind:
    """A stream: the concerns that its runs confirm, and the seconds between them."""

    concerns: tuple[str, ...]
    every_seconds: int


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A supplier's API: what reads it, and its streams in the order in which a first import runs them."""

    open: Callable[[SourceSettings], Source]
    streams: Mapping[str, StreamKind]


KINDS: Mapping[str, SourceKind] = {
    "eat_api": SourceKind(
        EatApi, {"menu": StreamKind(("menu", "price"), 120), "stock": StreamKind(("availability",), 20)}
    ),
}


def source_kind(settings: SourceSettings) -> SourceKind:
    """The kind of a source. Raises ``SettingsError`` for one that nobody registered, or a schedule of no stream."""
    place = f"sources.{settings.name}"
    kind = KINDS.get(settings.kind)
    if kind is None:
        raise SettingsError(f"{place}.kind", f"must be one of {', '.join(sorted(KINDS))}", settings.kind)
    if unknown := sorted(set(settings.schedules) - set(kind.streams)):
        raise SettingsError(f"{place}.schedules", f"may hold only {', '.join(kind.streams)}", ", ".join(unknown))
    return kind


def every_seconds(settings: SourceSettings, stream: str) -> int:
    """Seconds between runs of ``stream``; 0: never by itself."""
    return settings.schedules.get(stream, source_kind(settings).streams[stream].every_seconds)
