"""A supplier that has had enough, asked by several workers over one store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from sync.documents import Documents, Limits, Wanted, open_documents
from sync.errors import DocumentRefused
from sync.politeness.store import StoreAllowances
from sync.settings import SourceSettings
from sync.simulators.server import running
from tests.sync.answering import Answering, Asked, Reply

DOCUMENTS = 20
FINE = Reply()
SETTLED_SECONDS = 5
"""After the first requests of all workers, which nobody had warned."""


@dataclass
class Seen:
    """What the runs of one source came to: when each began, how long it took, how many of its documents it got.

    ``done`` is set once they are ``enough``.
    """

    enough: Callable[[list[tuple[float, float, int]]], bool] = bool
    runs: list[tuple[float, float, int]] = field(default_factory=list)
    messages: set[str] = field(default_factory=set)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, began: float, got: int) -> None:
        self.runs.append((began, time.monotonic() - began, got))
        if self.enough(self.runs):
            self.done.set()


@asynccontextmanager
async def supplier(answer: Callable[[Asked], Reply]) -> AsyncIterator[Answering]:
    server = Answering(replies={f"/week/{number}": answer for number in range(DOCUMENTS)})
    async with running(server) as server.url:
        yield server


def opened(name: str, server: Answering) -> Documents:
    settings = SourceSettings(name, "eat_api", server.url)
    return open_documents(settings, Limits(), StoreAllowances(name))


async def keep_running(name: str, server: Answering, seen: Seen, pause_seconds: float) -> None:
    """A worker that runs one source again and again."""
    while True:
        began, got = time.monotonic(), 0
        async with opened(name, server) as documents:
            async for _, outcome in documents.many(Wanted(f"week/{number}") for number in range(DOCUMENTS)):
                if isinstance(outcome, DocumentRefused):
                    seen.messages.add(str(outcome))
                else:
                    got += 1
        seen.add(began, got)
        await asyncio.sleep(pause_seconds)


def busiest(instants: list[float], within: float = 1.0) -> int:
    """The most of ``instants`` that lie within so many seconds."""
    instants = sorted(instants)
    return max((sum(start <= at < start + within for at in instants) for start in instants), default=0)


@pytest.mark.parametrize(
    "bad_seconds", [3, pytest.param(300, marks=pytest.mark.slow)], ids=["a few seconds", "five minutes"]
)
async def test_a_429_is_heard_by_every_worker(store: str, bad_seconds: float) -> None:
    bad_until = time.monotonic() + bad_seconds

    def throttling(asked: Asked) -> Reply:
        return Reply(429) if asked.at < bad_until else FINE

    throttled = Seen(lambda runs: any(at > bad_until and got == DOCUMENTS for at, _, got in runs))
    healthy = Seen()
    async with supplier(throttling) as angry, supplier(lambda _: FINE) as calm:
        began = time.monotonic()
        workers = [asyncio.create_task(keep_running("angry", angry, throttled, 0.5)) for _ in range(3)]
        workers.append(asyncio.create_task(keep_running("calm", calm, healthy, 0.5)))
        async with asyncio.timeout(bad_seconds + 60):
            await throttled.done.wait()
        recovered_seconds = time.monotonic() - bad_until
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    refused = [asked.at - began for asked in angry.asked if asked.at < bad_until]
    later = [at for at in refused if at > SETTLED_SECONDS]
    print(  # noqa: T201 - the measurement
        f"\n{len(refused)} requests in {bad_seconds} s of 429; after {SETTLED_SECONDS} s {len(later)}, at most "
        f"{busiest(later)} within a second; back {recovered_seconds:.1f} s after its end; "
        f"runs took at most {max(seconds for _, seconds, _ in throttled.runs):.1f} s, "
        f"of the other source {max(seconds for _, seconds, _ in healthy.runs):.2f} s"
    )
    assert busiest(later) <= 1
    assert len(refused) <= 3 * Limits().concurrency + bad_seconds
    assert recovered_seconds < 60
    assert any("until" in message or "it is asked again from" in message for message in throttled.messages)
    assert all(got == DOCUMENTS for _, _, got in healthy.runs)


async def test_a_run_under_a_long_retry_after_ends_at_once_in_every_worker(store: str) -> None:
    async with supplier(lambda _: Reply(429, headers={"Retry-After": "300"})) as server:
        seen = Seen(lambda runs: len(runs) >= 9)
        began = time.monotonic()
        workers = [asyncio.create_task(keep_running("angry", server, seen, 0.2)) for _ in range(3)]
        async with asyncio.timeout(30):
            await seen.done.wait()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    assert time.monotonic() - began < 20
    assert len(server.asked) <= 3 * Limits().concurrency
    assert all(got == 0 for _, _, got in seen.runs)
