"""Which sources take webhooks, and what is needed to believe them.

::

    [sources.corner.webhook]
    secret_env = "CORNER_SECRET"                            # or secret_file = "/run/secrets/corner"
    url = "https://menus.example.org/webhooks/corner"       # as the supplier was given it; default: as the request says
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sync.credentials import Secret
from sync.errors import SettingsError
from sync.settings import SourceSettings, checked_url, known
from sync.sources import KINDS, streams_of
from sync.webhooks.arrivals import Arrival
from sync.webhooks.notices import Delivered, Notice, Unreadable, Webhook


@dataclass(frozen=True, slots=True)
class Door:
    """A source that takes webhooks. url: what its supplier was given, None: whatever it asks for."""

    source: str
    webhook: Webhook
    streams: frozenset[str]
    secret: bytes = field(repr=False)
    url: str | None = None

    def arrivals(self, delivered: Delivered) -> list[Arrival]:
        """What a delivery tells. Raises ``Forged``, ``Unreadable``."""
        notices = self.webhook.notices(delivered, self.secret)
        for notice in notices:
            if notice.stream not in self.streams:
                raise Unreadable(f"an event must concern one of {', '.join(sorted(self.streams))}", notice.stream)
        return [
            Arrival(self.source, event_id, notice.stream, delivered.received_at, notice.carries)
            for event_id, notice in zip(told_apart(notices), notices, strict=True)
        ]

    def delivered(self, asked: str, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivered:
        """The request as the kind of source reads it. asked: the address that the request says; path: below it."""
        return Delivered(self.url or asked, path, headers, body, now)


def told_apart(notices: Sequence[Notice]) -> list[str]:
    """The ids of a delivery's events; one that concerns several streams counts once for each."""
    times = Counter(notice.event_id for notice in notices)
    return [
        f"{notice.event_id}/{notice.stream}" if times[notice.event_id] > 1 else notice.event_id for notice in notices
    ]


def doors(sources: Iterable[SourceSettings]) -> dict[str, Door]:
    """The sources that declare a webhook, by name, with their secrets. Raises ``SettingsError``."""
    return {source.name: door(source) for source in sources if source.webhook}


def door(source: SourceSettings) -> Door:
    """The door of a source that declares a webhook. Raises ``SettingsError``."""
    place = f"sources.{source.name}.webhook"
    known(place, source.webhook, {"secret_env", "secret_file", "url"})
    streams = frozenset(streams_of(source))
    webhook = KINDS[source.kind].webhook
    if webhook is None:
        raise SettingsError(place, f"must be left out: {source.kind} has no webhooks", ", ".join(source.webhook))
    secret = Secret.read(place, source.webhook, "secret")
    if secret is None:
        raise SettingsError(place, "must have secret_env or secret_file", ", ".join(source.webhook))
    given = source.webhook.get("url")
    url = None if given is None else checked_url(f"{place}.url", given)
    return Door(source.name, webhook, streams, secret.reveal(), url)
