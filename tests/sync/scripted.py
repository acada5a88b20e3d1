"""A source that says what a test tells it to, and short ways to say it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

from sync.documents import Documents
from sync.protocol import Begin, End, Event, Mode, Record
from sync.records import ItemRecord, LocationRecord, OfferRecord
from sync.runner import run_stream
from sync.runs import RunReport
from sync.settings import SourceSettings


class Scripted:
    """A source that says what it is told to."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.cursors: list[dict[str, Any]] = []

    async def pull(self, stream: str, cursor: dict[str, Any], documents: Documents) -> AsyncGenerator[Event, None]:
        self.cursors.append(cursor)
        for event in self.events:
            yield event

    async def run(self, *events: Event, stream: str = "all") -> RunReport:
        self.events = list(events)
        return await run_stream(SourceSettings("script", "scripted", "http://nowhere"), stream)


def location(slug: str, **other: Any) -> LocationRecord:
    return LocationRecord(**{"slug": slug, "name": slug, "timezone": "Europe/Berlin", "currency": "EUR", **other})


def item(name: str) -> ItemRecord:
    return ItemRecord(name=name, language="de")


def offer(key: str, amount: Any = 1, **other: Any) -> OfferRecord:
    return OfferRecord(**{"item": key, "currency": "EUR", "amount": Decimal(amount), **other})


def snapshot(*events: Event, scope: str = "all", mode: Mode = Mode.SNAPSHOT, complete: bool = True) -> list[Event]:
    return [Begin("all", mode, scope, confirms="unit"), *events, End(scope, complete=complete)]


def record(key: str, payload: Any, scope: str = "all") -> Record:
    return Record(scope, key, payload)
