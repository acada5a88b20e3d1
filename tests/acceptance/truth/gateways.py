"""Gateways that are asked about the truth, what they count, and crowds of readers."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx2

from tests.acceptance.processes import free_port, running
from tests.acceptance.truth.asking import Answers, Question, Reader

READERS = 32
"""Readers at once, so many that some come while others wait."""

READERS_REST_SECONDS = 0.2
"""The longest that a reader waits between two requests."""

SETTINGS = {"LARDER_BATCHING": "10", "LARDER_ACCESS_LOG": "off", "LARDER_ADMISSION": "off"}
"""Whoever is sent away learns nothing."""

EVENT = re.compile(r'^larder_cache_events_total\{event="(\w+)"\} (\d+)', re.MULTILINE)


@contextmanager
def serving(*options: str, **settings: str) -> Iterator[str]:
    """``larder serve`` until the block ends; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {"PORT": str(port), **SETTINGS, **settings}
    with running(["serve", "--log-level", "critical", *options], f"{url}/health/ready", **environment):
        yield url


async def events(url: str) -> Counter[str]:
    """What the response cache of one worker has counted."""
    async with httpx2.AsyncClient() as client:
        text = (await client.get(f"{url}/metrics")).text
    return Counter({name: int(count) for name, count in EVENT.findall(text)})


async def read(url: str, questions: Sequence[Question], enough: Callable[[Answers], bool]) -> Answers:
    """What comes of the requests of many readers, until there are enough."""
    answers = Answers()

    async def reader(seed: int, client: httpx2.AsyncClient) -> None:
        own = Reader(client, questions, answers, seed)
        while not enough(answers):
            await asyncio.sleep(own.luck.random() * READERS_REST_SECONDS)
            await own.ask()

    async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
        await asyncio.gather(*(reader(seed, client) for seed in range(READERS)))
    return answers
