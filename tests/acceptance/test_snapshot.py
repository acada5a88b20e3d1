"""No answer mixes two publishes, however often the store is published to while it is read."""

from __future__ import annotations

import asyncio
import os
import time

import httpx2
import pytest

from sync import sources
from sync.runner import run_stream
from sync.settings import SourceSettings
from tests.acceptance.processes import free_port, running
from tests.acceptance.versions import KIND, SAID, STOREFRONT, STREAM, VALUES, versions_in

READS = int(os.environ.get("SNAPSHOT_READS", "10000"))
PUBLISHES_PER_SECOND = 20
READERS = 4

SOURCES = [SourceSettings(name, "versions", "http://127.0.0.1") for name in ("one", "two", "three")]


class Publisher:
    """Publishes one source at a fixed rate; ``published`` is the newest version whose publish has returned."""

    def __init__(self, settings: SourceSettings) -> None:
        self.settings = settings
        self.published = 0

    async def once(self) -> None:
        report = await run_stream(self.settings, STREAM)
        assert report.state == "PUBLISHED", report
        self.published = SAID[self.settings.name]

    async def forever(self, per_second: float) -> None:
        due = time.monotonic()
        while True:
            await self.once()
            due = max(due + 1 / per_second, time.monotonic() - 1)
            await asyncio.sleep(max(0, due - time.monotonic()))


@pytest.mark.slow
async def test_no_answer_mixes_two_publishes(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sources.KINDS, "versions", KIND)
    SAID.clear()
    publishers = [Publisher(settings) for settings in SOURCES]
    for publisher in publishers:
        await publisher.once()
        await publisher.once()
    port = free_port()
    seen: set[tuple[str, int]] = set()
    torn: list[set[int]] = []
    wrong: list[tuple[int, int, int]] = []

    async def reader(client: httpx2.AsyncClient, publisher: Publisher, reads: int) -> None:
        name = publisher.settings.name
        for _ in range(reads):
            least = publisher.published
            response = await client.post("/graphql", json={"query": STOREFRONT, "variables": {"slug": name}})
            found = versions_in(response.json()["data"])
            seen.update((name, version) for version in found)
            if len(found) != 1:
                torn.append(found)
            elif not least <= min(found) <= SAID[name]:
                wrong.append((least, min(found), SAID[name]))

    with running(["serve"], f"http://127.0.0.1:{port}/health/ready", PORT=str(port)):
        rate = PUBLISHES_PER_SECOND / len(publishers)
        publishing = [asyncio.create_task(publisher.forever(rate)) for publisher in publishers]
        started, before = time.monotonic(), sum(publisher.published for publisher in publishers)
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            each = READS // READERS
            await asyncio.gather(*(reader(client, publishers[n % len(publishers)], each) for n in range(READERS)))
        seconds = time.monotonic() - started
        for task in publishing:
            assert not task.done(), task
            task.cancel()

    published = sum(publisher.published for publisher in publishers) - before
    print(  # noqa: T201 - the figures that the test is run for
        f"{READS} reads of {VALUES} values in {seconds:.0f} s beside"
        f" {published / seconds:.1f} publishes/s: {len(seen)} versions seen, {len(torn)} answers torn,"
        f" {len(wrong)} older or newer than published"
    )
    assert torn == []
    assert wrong == []
    assert len(seen) > len(publishers)
