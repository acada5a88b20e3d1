"""The registry of kinds of sources: one line per supplier's API.

A kind's module has ``KIND``, its ``SourceKind``. It is imported when a source of the kind is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from importlib import import_module

from sync import credentials
from sync.documents import Addresses, Limits, limits_of
from sync.errors import SettingsError
from sync.guards.rules import guards_of
from sync.protocol import Source
from sync.settings import Slo, SourceSettings
from sync.webhooks.notices import Webhook


@dataclass(frozen=True, slots=True)
class StreamKind:
    """A stream: the concerns that its runs confirm, and the seconds between them."""

    concerns: tuple[str, ...]
    every_seconds: int


def anywhere(_settings: SourceSettings) -> Addresses | None:
    """A source may connect to any address."""
    return None


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A supplier's API: what reads it, and its streams in the order in which a first import runs them.

    ``webhook`` reads what the supplier tells by itself. ``limits`` hold where the settings say nothing else.
    ``addresses`` tells which addresses a source may connect to. ``slos``, by concern, are those of a supplier whose
    data cannot be as fresh as the defaults want.
    """

    open: Callable[[SourceSettings], Source]
    streams: Callable[[SourceSettings], Mapping[str, StreamKind]]
    webhook: Webhook | None = None
    limits: Limits = field(default_factory=Limits)
    addresses: Callable[[SourceSettings], Addresses | None] = anywhere
    slos: Mapping[str, Slo] = field(default_factory=dict)


def always(**streams: StreamKind) -> Callable[[SourceSettings], Mapping[str, StreamKind]]:
    """The same streams whatever the settings say."""
    return lambda _: streams


class Kinds(MutableMapping[str, SourceKind]):
    """Kinds by name. Nothing is imported to tell which there are."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.found: dict[str, SourceKind | str] = dict(modules)
        """A kind, or the module that has it."""

    def __getitem__(self, name: str) -> SourceKind:
        found = self.found[name]
        if isinstance(found, str):
            kind: SourceKind = import_module(found).KIND
            self.found[name] = kind
            return kind
        return found

    def __setitem__(self, name: str, kind: SourceKind) -> None:
        self.found[name] = kind

    def __delitem__(self, name: str) -> None:
        del self.found[name]

    def __contains__(self, name: object) -> bool:
        return name in self.found

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


KINDS = Kinds(
    {
        "eat_api": "sync.sources.eat_api.kind",
        "open_delivery": "sync.sources.open_delivery.kind",
        "http_json": "sync.sources.http_json.kind",
        "square": "sync.sources.square.kind",
        "toast": "sync.sources.toast.kind",
    }
)


def source_kind(settings: SourceSettings) -> SourceKind:
    """The kind of a source. Raises ``SettingsError`` for one that nobody registered, or a schedule of no stream."""
    place = f"sources.{settings.name}"
    if settings.kind not in KINDS:
        raise SettingsError(f"{place}.kind", f"must be one of {', '.join(sorted(KINDS))}", settings.kind)
    kind = KINDS[settings.kind]
    limits_of(settings, kind.limits)
    credentials.read(settings)
    guards_of(settings)
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
