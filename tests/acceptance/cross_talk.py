"""Viewers who see different prices of the same items, and everything that could mix them up.

Every price says whose it is: 1.xx is the students', 2.xx the staff's, 3.xx the guests'. xx changes all the time.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
import psycopg

from tests.pantry import Pantry

SLUGS = ("north", "south", "east", "west")
ITEMS = 3
WHOSE = {"STUDENTS": "1", "STAFF": "2", "GUESTS": "3"}
PUBLIC = "prices(audience: STAFF) { money { amount } }"

STOREFRONT = "query Storefront($slug: String!) { location(slug: $slug) { slug menus { sections { items { %s } } } } }"
MINE = STOREFRONT % "name price { money { amount currency } }"
ALIASED = (STOREFRONT % "name mine: price { audience money { amount } } again: price { money { amount } }").replace(
    "location(", "place: location("
)
BY_RESOLVERS = MINE.replace("{ location(", "{ __schema { queryType { name } } location(", 1)
FOR_ALL = STOREFRONT % f"name {PUBLIC}"
DOCUMENTS = (MINE, ALIASED, BY_RESOLVERS, FOR_ALL)

MOVE = """
UPDATE larder_offer SET amount = floor(amount) + (mod(((amount - floor(amount)) * 100)::int + 1, 100)) / 100.0
WHERE item_id IN (SELECT id FROM larder_item WHERE location_id = (SELECT id FROM larder_location WHERE slug = %s))
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who asks. whose: the first digit of every price that is theirs."""

    name: str
    headers: Mapping[str, str]
    whose: str


@dataclass
class Tally:
    """What became of requests. foreign: answers that belong to somebody else, with whom they were given to."""

    asked: int = 0
    right: int = 0
    hung_up: int = 0
    foreign: list[tuple[str, str]] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.asked} requests: {self.right} right, {self.hung_up} hung up, {len(self.foreign)} of somebody else,"
            f" lost {dict(self.lost) or 0}"
        )


def stock(pantry: Pantry) -> None:
    """Locations with a menu whose items have a price for each audience."""
    for slug in SLUGS:
        location = pantry.location(slug)
        section = pantry.section(pantry.menu(location), "Mains")
        for number in range(ITEMS):
            item = pantry.item(location, f"{slug} {number}")
            pantry.place(item, section, number)
            for audience, whose in WHOSE.items():
                pantry.offer(item, f"{whose}.00", audience)


async def move_prices(database_url: str) -> None:
    """Change the prices of one location after another, until cancelled."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        for number in range(1_000_000):
            await connection.execute(MOVE, [SLUGS[number % len(SLUGS)]])
            await asyncio.sleep(0.05)


class Crowd:
    """``clients`` who ask as anybody of ``identities``, over connections that all of them share."""

    def __init__(self, client: httpx2.AsyncClient, identities: Sequence[Identity], *, batches: bool = False) -> None:
        self.client = client
        self.identities = identities
        self.batches = batches
        self.tally = Tally()

    async def ask(self, requests: int, clients: int = 16) -> Tally:
        """Send so many requests."""
        numbers = iter(range(requests))

        async def client(luck: random.Random) -> None:
            for _ in numbers:
                await self._ask(luck)

        lucks = [random.Random(seed) for seed in range(clients)]  # noqa: S311 - draws questions, no secrets
        await asyncio.gather(*(client(luck) for luck in lucks))
        return self.tally

    async def _ask(self, luck: random.Random) -> None:
        identity, document, slug = luck.choice(self.identities), luck.choice(DOCUMENTS), luck.choice(SLUGS)
        body: Any = {"query": document, "variables": {"slug": slug}}
        if self.batches and luck.random() < 0.1:
            body = [body] * 3
        asking = asyncio.create_task(self._send(identity, body))
        self.tally.asked += 1
        if luck.random() < 0.05:
            await asyncio.sleep(luck.random() * 0.01)
            asking.cancel()
            with suppress(asyncio.CancelledError, httpx2.HTTPError):
                await asking
            self.tally.hung_up += 1
            return
        try:
            response = await asking
        except httpx2.HTTPError as error:
            self.tally.lost[type(error).__name__] += 1
            return
        answers = response.json()
        self._check(identity, document, slug, answers if isinstance(answers, list) else [answers])

    async def _send(self, identity: Identity, body: Any) -> httpx2.Response:
        return await self.client.post("/graphql", json=body, headers=dict(identity.headers))

    def _check(self, identity: Identity, document: str, slug: str, answers: Sequence[Any]) -> None:
        whose = WHOSE["STAFF"] if document == FOR_ALL else identity.whose
        for answer in answers:
            if "errors" in answer:
                self.tally.lost[answer["errors"][0]["extensions"]["code"]] += 1
                return
            seen = amounts(answer["data"])
            if names(answer["data"]) != {slug} or not seen:
                self.tally.lost["another location"] += 1
                return
            if {amount[0] for amount in seen} != {whose}:
                self.tally.foreign.append((identity.name, seen[0]))
                return
        self.tally.right += 1


def amounts(data: Any) -> list[str]:
    """Every amount in an answer."""
    if isinstance(data, dict):
        own = [data["amount"]] if "amount" in data else []
        return own + [amount for value in data.values() for amount in amounts(value)]
    return [amount for value in data for amount in amounts(value)] if isinstance(data, list) else []


def names(data: Any) -> set[str]:
    """Every slug in an answer."""
    if isinstance(data, dict):
        own = {data["slug"]} if "slug" in data else set()
        return own.union(*(names(value) for value in data.values()))
    return set().union(*(names(value) for value in data)) if isinstance(data, list) else set()
