"""A simulated Square seller over real HTTP, and what the events of its source come to."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sync.documents import Documents, Limits
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Payload, Record, Unchanged
from sync.settings import SourceSettings
from sync.simulators.http import Answer, Exchange
from sync.simulators.server import running
from sync.simulators.simulator import Simulator
from sync.simulators.square import Options, Seller
from sync.sources.square.source import Square

LIMITS = Limits(attempts=1)


@dataclass
class Books:
    """What publishing a source's events leaves, by the rules of ``sync.protocol``."""

    rows: dict[tuple[str, str], tuple[str, Payload]] = field(default_factory=dict)
    """(kind, key) -> scope and what it says."""
    cursor: dict[str, Any] = field(default_factory=dict)

    def publish(self, events: list[Event]) -> None:
        """Take a run in whose events there is no ``Failed``."""
        scopes = {event.scope: event for event in events if isinstance(event, Begin)}
        named = {(event.kind, event.key) for event in events if isinstance(event, Record | Malformed)}
        keyless = {event.scope for event in events if isinstance(event, Malformed) and event.key is None}
        for end in (event for event in events if isinstance(event, End)):
            if scopes[end.scope].mode is Mode.SNAPSHOT and end.complete and end.scope not in keyless:
                for row in [row for row, (scope, _) in self.rows.items() if scope == end.scope and row not in named]:
                    del self.rows[row]
        for event in events:
            if isinstance(event, Record):
                self.rows[event.kind, event.key] = (event.scope, event.payload)
            elif isinstance(event, Checkpoint):
                self.cursor.update(event.cursor)
        self.cursor = {key: value for key, value in self.cursor.items() if value is not None}

    def said(self) -> dict[tuple[str, str], Payload]:
        """The rows without their scopes."""
        return {row: payload for row, (_, payload) in self.rows.items()}

    def of(self, kind: str) -> dict[str, Any]:
        """The rows of a kind by key."""
        return {key: payload for (found, key), (_, payload) in self.rows.items() if found == kind}


@dataclass
class Shop:
    """A seller, the simulator that answers for it, and a source that reads it."""

    seller: Seller
    simulator: Simulator
    url: str
    options: dict[str, Any] = field(default_factory=dict)

    def settings(self, **options: Any) -> SourceSettings:
        return SourceSettings(
            "shop",
            "square",
            self.url,
            options={**self.options, **options},
            limits={"attempts": 1, "request_seconds": 5},
        )

    async def pull(self, stream: str, cursor: dict[str, Any], **options: Any) -> list[Event]:
        """The events of one run."""
        source = Square(self.settings(**options))
        async with Documents(self.url, LIMITS) as documents:
            return [event async for event in source.pull(stream, copy.deepcopy(cursor), documents)]

    async def run(self, stream: str, books: Books, **options: Any) -> list[Event]:
        """One run, published."""
        events = await self.pull(stream, books.cursor, **options)
        assert not failures(events)
        books.publish(events)
        return events

    async def fresh(self, stream: str, **options: Any) -> Books:
        """What a first import of what the seller says now leaves."""
        books = Books()
        await self.run(stream, books, **options)
        return books

    def edit(self, key: str, changed: Callable[[dict[str, Any]], Any]) -> None:
        """Change the data of an object, at the seller."""

        def data(thing: dict[str, Any]) -> None:
            changed(thing[f"{thing['type'].lower()}_data"])

        self.seller.ledger.change(key, data)

    def lie(self, answer: Callable[[Exchange], Answer]) -> None:
        """Let the seller answer otherwise."""
        vars(self.seller.answers)["to"] = answer

    def asked(self) -> int:
        """Requests answered since the last call."""
        count = sum(self.simulator.answered.values())
        self.simulator.answered.clear()
        return count


def failures(events: list[Event]) -> list[tuple[str, str]]:
    """(rule, value) of what could not be had."""
    return [(event.rule, event.value) for event in events if isinstance(event, Failed)]


def malformed(events: list[Event]) -> list[tuple[str, str | None, str, str]]:
    return [(event.kind, event.key, event.rule, event.value) for event in events if isinstance(event, Malformed)]


def opened(events: list[Event]) -> list[str]:
    """The scopes in which absence means something."""
    return [event.scope for event in events if isinstance(event, Begin) and event.mode is Mode.SNAPSHOT]


def only_confirms(events: list[Event]) -> bool:
    """Whether a run says of everything that it is as it was."""
    return all(isinstance(event, Unchanged) for event in events)


@asynccontextmanager
async def selling(**options: Any) -> AsyncIterator[Shop]:
    """A seller with few items at two places."""
    seller = Seller(Options(**{"items": 9, "locations": 2, **options}))
    simulator = Simulator(seller)
    async with running(simulator) as url:
        yield Shop(seller, simulator, url)
