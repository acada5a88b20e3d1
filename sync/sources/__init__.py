"""The registry of kinds of sources: one line per supplier's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sync import credentials
from sync.documents import Addresses, Limits, limits_of
from sync.errors import SettingsError
from sync.guards.rules import guards_of
from sync.politeness.addresses import addresses_of
from sync.protocol import Source
from sync.settings import Slo, SourceSettings
from sync.sources.eat_api.source import EatApi
from sync.sources.http_json.declared import read_streams
from sync.sources.http_json.source import LIMITS as HTTP_JSON_LIMITS
from sync.sources.http_json.source import HttpJson
from sync.sources.open_delivery.source import OpenDelivery
from sync.sources.open_delivery.webhook import MerchantUpdates
from sync.sources.square.source import Square
from sync.sources.square.webhook import SquareWebhook
from sync.sources.toast.source import LIMITS as TOAST_LIMITS
from sync.sources.toast.source import Toast
from sync.sources.toast.webhook import ToastWebhook
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


def declared(settings: SourceSettings) -> Mapping[str, StreamKind]:
    """The streams that the settings themselves declare. Raises ``SettingsError``."""
    return {name: StreamKind(stream.concerns, stream.every_seconds) for name, stream in read_streams(settings).items()}


KINDS: Mapping[str, SourceKind] = {
    "eat_api": SourceKind(
        EatApi, always(menu=StreamKind(("menu", "price"), 120), stock=StreamKind(("availability",), 20))
    ),
    "open_delivery": SourceKind(
        OpenDelivery,
        always(merchant=StreamKind(("menu", "price", "availability"), 250)),
        webhook=MerchantUpdates(),
        slos={"availability": Slo(900, 3_600), "price": Slo(900, 86_400)},
    ),
    "http_json": SourceKind(HttpJson, declared, limits=HTTP_JSON_LIMITS, addresses=addresses_of),
    "square": SourceKind(
        Square,
        always(catalog=StreamKind(("menu", "price"), 120), inventory=StreamKind(("availability",), 30)),
        webhook=SquareWebhook(),
    ),
    "toast": SourceKind(
        Toast,
        always(menu=StreamKind(("menu", "price"), 60), stock=StreamKind(("availability",), 30)),
        webhook=ToastWebhook(),
        limits=TOAST_LIMITS,
    ),
}


def source_kind(settings: SourceSettings) -> SourceKind:
    """The kind of a source. Raises ``SettingsError`` for one that nobody registered, or a schedule of no stream."""
    place = f"sources.{settings.name}"
    kind = KINDS.get(settings.kind)
    if kind is None:
        raise SettingsError(f"{place}.kind", f"must be one of {', '.join(sorted(KINDS))}", settings.kind)
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
