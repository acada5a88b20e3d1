"""A supplier that has many canteens, each with a week of dishes, and one that never answers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

HANGS = "s0"
SHARED = "/canteens.json"
"""What both streams of a source begin with."""

ANSWER_SECONDS = 0.05


@dataclass
class Canteens:
    """One canteen for each source. What is below ``/s0/`` is never answered."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    """Requests under way, by path."""
    twice: Counter[str] = field(default_factory=Counter)
    """Paths that were asked for while they were being asked for already: two runs of a stream at once would do so."""

    def open(self, name: str) -> None:
        """Publish what source ``name`` has."""
        place = {"address": "1", "latitude": 48.1, "longitude": 11.5}
        canteen = {"canteen_id": f"mensa-{name}", "name": name, "location": place, "open_hours": {}}
        today = datetime.now(UTC).date()
        for day in (today, today + timedelta(days=7)):
            year, week, _ = day.isocalendar()
            dishes = [{"name": f"Dish {n}", "prices": {}, "labels": [], "dish_type": "Pasta"} for n in range(5)]
            days = [{"date": day.isoformat(), "dishes": dishes}]
            self.put(f"/{name}/mensa-{name}/{year}/{week:02}.json", {"number": week, "year": year, "days": days})
        self.put(f"/{name}/canteens.json", [canteen])
        self.put(f"/{name}/enums/labels.json", [])
        self.put(f"/{name}/stock.json", [])

    def put(self, path: str, value: Any) -> None:
        self.documents[path] = json.dumps(value).encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from sync.simulators.http import Exchange

        now = datetime.now(UTC)
        exchange = await Exchange.read(scope, receive, send, now)
        if self.asked[exchange.path] and not exchange.path.endswith(SHARED):
            self.twice[exchange.path] += 1
        self.asked[exchange.path] += 1
        try:
            await self.answer(exchange, now)
        finally:
            self.asked[exchange.path] -= 1

    async def answer(self, exchange: Any, now: datetime) -> None:
        """Answer after a while, as suppliers do."""
        from sync.simulators.http import Answer, Document, document_answer, if_none_match

        if exchange.path.startswith(f"/{HANGS}/"):
            await exchange.gone()
            return
        await asyncio.sleep(ANSWER_SECONDS)
        body = self.documents.get(exchange.path)
        answer = Answer(404, b"{}") if body is None else document_answer(Document(body, now))
        await exchange.answer(if_none_match(answer, exchange.headers.get("if-none-match")))
