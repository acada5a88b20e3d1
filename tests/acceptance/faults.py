"""What every test of a fault asks, and how it tells what came of it.

``FAULT_SECONDS`` is how long a fault lasts, ``FAULT_CLIENTS`` how many clients ask meanwhile.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence

from tests.acceptance.gateways import Gateway
from tests.acceptance.load import INTROSPECTING, LISTING, STOREFRONT, Load, Question
from tests.pantry import Pantry, storefront

SECONDS = float(os.environ.get("FAULT_SECONDS", "3"))
CLIENTS = int(os.environ.get("FAULT_CLIENTS", "32"))

SLUGS = [f"place-{number}" for number in range(8)]
POISONED = SLUGS[3]
QUESTIONS = [
    *(Question(STOREFRONT, {"slug": slug}) for slug in SLUGS for _ in range(3)),
    *(Question(INTROSPECTING, {"slug": slug}) for slug in SLUGS),
    Question(LISTING, {"first": 3}),
    Question(LISTING, {"first": 50}),
    Question(STOREFRONT, {"slug": "nowhere"}),
]

UNAVAILABLE, BUSY = "STORE_UNAVAILABLE", "STORE_BUSY"


def stock(pantry: Pantry) -> None:
    """What the questions ask for."""
    for slug in SLUGS:
        storefront(pantry, slug, items=4)


def tell(fault: str, load: Load, gateway: Gateway | None = None) -> None:
    """Print the figures that the test is run for."""
    counters = gateway.engine.counters if gateway else None
    plans = f"; by plans {counters.answered}, deopts {dict(counters.deopts)}" if counters else ""
    print(f"{fault}: {load.report()}{plans}")  # noqa: T201 - the figures that the test is run for


async def still_planned(gateway: Gateway, questions: Sequence[Question]) -> bool:
    """Whether plans answer whatever has one, once all is over; every answer is checked."""
    before = gateway.engine.counters.answered
    for question in questions:
        assert (await gateway.client.post("/graphql", json=question.json)).content == question.expected
    return gateway.engine.counters.answered - before == sum(question.query != INTROSPECTING for question in questions)


async def every(seconds: float, action: Callable[[], object], lasting: float = SECONDS) -> None:
    """Do ``action`` in a thread again and again."""
    loop = asyncio.get_running_loop()
    end = loop.time() + lasting
    while loop.time() < end:
        await asyncio.to_thread(action)
        await asyncio.sleep(seconds)
