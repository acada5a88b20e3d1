"""The registry of kinds of sources: one line per supplier's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sync.documents import limits_of
from sync.errors import SettingsError
from sync.protocol import Source
from sync.settings import SourceSettings
from sync.sources.eat_api.source import EatApi
from sync.webhooks.notices import Webhook


@dataclass(frozen=True, slots=True)
class StreamKind:
    """A stream: the concerns that its runs confirm, and the seconds between them."""

    concerns: tuple[str, ...]
    every_seconds: int


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A supplier's API: what reads it, and its streams in the order in which a first import runs them.

    ``webhook`` reads what the supplier tells by itself.
    """

    open: Callable[[SourceSettings], Source]
    streams: Callable[[SourceSettings], Mapping[str, StreamKind]]
    webhook: Webhook | None = None


def always(**streams: StreamKind) -> Callable[[SourceSettings], Mapping[str, StreamKind]]:
    """The same streams whatever the settings say."""
    return lambda _: streams


KINDS: Mapping[str, SourceKind] = {
    "eat_api": SourceKind(
        EatApi, always(menu=StreamKind(("menu", "price"), 120), stock=StreamKind(("availability",), 20))
    ),
}


def source_kind(settings: SourceSettings) -> SourceKind:
    """The kind of a source. Raises ``SettingsError`` for one that nobody registered, or a schedule of no stream."""
    place = f"sources.{settings.name}"
    kind = KINDS.get(settings.kind)
    if kind is None:
        raise SettingsError(f"{place}.kind", f"must be one of {', '.join(sorted(KINDS))}", settings.kind)
    limits_of(settings)
    streams = kind.streams(settings)
    if unknown := sorted(set(settings.schedules) - set(streams)):
        raise SettingsError(f"{place}.schedules", f"may hold only {', '.join(streams)}", ", ".join(unknown))
    return kind


def streams_of(settings: SourceSettings) -> Mapping[str, StreamKind]:
    """The streams of a source, in the order in which a first import runs them. Raises ``SettingsError``."""
    return source_kind(settings).streams(settings)


def every_seconds(settings: SourceSettings, stream: str) -> int:
    """Seconds between runs of ``stream``; 0: never by itself."""
    return settings.schedules.get(stream, streams_of(settings)[stream].every_seconds)
