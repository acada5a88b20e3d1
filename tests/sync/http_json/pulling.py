"""Pulls declared sources without a store: the events of a source, and the settings that a TOML text declares."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from sync.documents import Documents, Limits
from sync.protocol import Event, Failed, Malformed, Record, Tombstone
from sync.settings import SourceSettings, read_source
from sync.sources.http_json.source import HttpJson

FAST = Limits(attempts=1, request_seconds=5)


def source(url: str, text: str, name: str = "shop") -> SourceSettings:
    """A source of kind http_json; ``text`` is what stands below ``options`` in TOML."""
    options = {"allow_private": True, **tomllib.loads(text)}
    return read_source(name, {"kind": "http_json", "url": url, "options": options, "limits": {"attempts": 1}})


def stream_of(documents: str, stream: str = 'mode = "snapshot"') -> str:
    """A stream ``goods`` with ``documents``: tables under ``documents`` in TOML, named from [[d]] on."""
    text = f"[streams.goods]\nconcerns = ['menu', 'price']\n{stream}\n{documents}"
    return text.replace("[[d", "[[streams.goods.documents").replace("[d", "[streams.goods.documents")


async def events(
    settings: SourceSettings,
    cursor: Mapping[str, Any] | None = None,
    stream: str = "goods",
    limits: Limits = FAST,
) -> list[Event]:
    """All that a pull yields."""
    async with Documents(settings.url, limits) as documents:
        return [event async for event in HttpJson(settings).pull(stream, dict(cursor or {}), documents)]


def records(found: list[Event]) -> dict[str, Any]:
    """The payloads by key."""
    return {event.key: event.payload for event in found if isinstance(event, Record)}


def problems(found: list[Event]) -> list[tuple[str, str | None, str, str]]:
    """What was refused: kind or document, key, rule, value."""
    return [
        (event.document, None, event.rule, event.value)
        if isinstance(event, Failed)
        else (event.kind, event.key, event.rule, event.value)
        for event in found
        if isinstance(event, (Failed, Malformed))
    ]


def gone(found: list[Event]) -> list[tuple[str, str]]:
    return [(event.kind, event.key) for event in found if isinstance(event, Tombstone)]
