"""A supplier that speaks eat-api over real HTTP and publishes exactly what a test puts down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sync.settings import SourceSettings
from sync.simulators.http import Answer, Document, Exchange, Receive, Scope, Send, document_answer, if_none_match
from sync.simulators.server import running

NOW = datetime(2025, 10, 8, 10, 0, tzinfo=UTC)
"""A Wednesday."""
TODAY = NOW.date()
LABELS = [{"enum_name": code, "text": {"DE": code, "EN": code}, "abbreviation": code} for code in ("MILK", "VEGAN")]


def dish(name: str, dish_type: str = "Pasta", *, prices: Any = None, labels: Any = ()) -> dict[str, Any]:
    """A dish, by default with three prices."""
    given = prices if prices is not None else {who: price(amount) for who, amount in AMOUNTS.items()}
    return {"name": name, "prices": given, "labels": list(labels), "dish_type": dish_type}


AMOUNTS = {"students": 1.5, "staff": 2.25, "guests": 3}


def price(base: Any, per_unit: Any = None, unit: Any = None) -> dict[str, Any]:
    return {"base_price": base, "price_per_unit": per_unit, "unit": unit}


def canteen(canteen_id: str, **other: Any) -> dict[str, Any]:
    place = {"address": f"{canteen_id} 1", "latitude": 48.147, "longitude": 11.567}
    return {"canteen_id": canteen_id, "name": canteen_id.title(), "location": place, "open_hours": {}, **other}


def week_path(canteen_id: str, day: date = TODAY) -> str:
    year, week, _ = day.isocalendar()
    return f"{canteen_id}/{year}/{week:02}.json"


@dataclass
class Supplier:
    """``answers`` go before ``documents``; ``asked`` are the paths asked for, with the status that each got."""

    url: str = ""
    now: datetime | None = NOW
    documents: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    silent: dict[str, asyncio.Event] = field(default_factory=dict)
    """Paths that get no answer before their event is set."""
    pause_seconds: float = 0
    under_way: int = 0
    most_under_way: int = 0

    def publish(self, path: str, value: Any) -> None:
        """Put a document down: bytes as they are, any other value as JSON."""
        self.documents[path] = value if isinstance(value, bytes) else json.dumps(value).encode()

    def canteens(self, *ids: str) -> None:
        """List canteens, and labels and an empty stock beside them."""
        self.publish("canteens.json", [canteen(canteen_id) for canteen_id in ids])
        self.publish("enums/labels.json", LABELS)
        self.publish("stock.json", [])

    def week(self, canteen_id: str, days: Mapping[date, list[dict[str, Any]]], day: date = TODAY) -> None:
        """Publish the week file of ``day``."""
        year, week, _ = day.isocalendar()
        listed = [{"date": on.isoformat(), "dishes": dishes} for on, dishes in days.items()]
        self.publish(week_path(canteen_id, day), {"number": week, "year": year, "days": listed, "version": "2.1"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await Exchange.read(scope, receive, send, self.now or NOW)
        path = exchange.path.removeprefix("/")
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.reply(exchange, path)
        finally:
            self.under_way -= 1

    async def reply(self, exchange: Exchange, path: str) -> None:
        await asyncio.sleep(self.pause_seconds)
        if path in self.silent:
            self.asked.append((path, 0))
            if await left_before(exchange, self.silent[path]):
                return
        answer = self.answers.get(path) or self.published(path)
        if path not in self.answers:
            answer = if_none_match(answer, exchange.headers.get("if-none-match"))
        self.asked.append((path, answer.status))
        await exchange.answer(answer)

    def published(self, path: str) -> Answer:
        found = self.documents.get(path)
        return document_answer(Document(found, NOW)) if found is not None else Answer(404, b"{}")

    def statuses(self) -> dict[int, int]:
        """How many requests got which status since the last call."""
        counts: dict[int, int] = {}
        for _, status in self.asked:
            counts[status] = counts.get(status, 0) + 1
        self.asked.clear()
        return counts

    def source(self, guards: Mapping[str, Any] | None = None, **limits: Any) -> SourceSettings:
        """A source that reads this supplier."""
        limits = {"attempts": 1, "request_seconds": 2, **limits}
        return SourceSettings("canteens", "eat_api", self.url, limits=limits, guards=guards or {})


async def left_before(exchange: Exchange, event: asyncio.Event) -> bool:
    """Wait for the event; True if the client left before it."""
    left, spoken = asyncio.create_task(exchange.gone()), asyncio.create_task(event.wait())
    await asyncio.wait({left, spoken}, return_when=asyncio.FIRST_COMPLETED)
    gone = left.done()
    left.cancel()
    spoken.cancel()
    return gone


@asynccontextmanager
async def supplying() -> AsyncIterator[Supplier]:
    """A supplier with one canteen, ``mensa``, that sells two dishes today and two tomorrow."""
    supplier = Supplier()
    supplier.canteens("mensa")
    tomorrow = TODAY + timedelta(days=1)
    supplier.week("mensa", {TODAY: [dish("Nudeln"), dish("Reis")], tomorrow: [dish("Suppe"), dish("Salat", "Vegan")]})
    async with running(supplier) as supplier.url:
        yield supplier
