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
from tests.acceptance.versions import ITEMS, KIND, LOCATION, SECTIONS, STOREFRONT, STREAM, Versions, versions_in

READS = int(os.environ.get("SNAPSHOT_READS", "10000"))
PUBLISHES_PER_SECOND = 20
READERS = 4

SETTINGS = SourceSettings("versions", "versions", "http://127.0.0.1")


class Publisher:
    """Publishes at a fixed rate; ``published`` is the newest version whose publish has returned."""

    def __init__(self) -> None:
        self.published = 0
        self.started_at = time.monotonic()

    async def once(self) -> None:
        report = await run_stream(SETTINGS, STREAM)
        assert report.state == "PUBLISHED", report
        self.published = Versions.version

    async def forever(self) -> None:
        while True:
            due = self.started_at + self.published / PUBLISHES_PER_SECOND
            await asyncio.sleep(max(0, due - time.monotonic()))
            await self.once()


@pytest.mark.slow
async def test_no_answer_mixes_two_publishes(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sources.KINDS, "versions", KIND)
    Versions.version = 0
    publisher = Publisher()
    await publisher.once()
    await publisher.once()
    port = free_port()
    seen: set[int] = set()
    torn: list[set[int]] = []
    wrong: list[tuple[int, int, int]] = []

    async def reader(client: httpx2.AsyncClient, reads: int) -> None:
        for _ in range(reads):
            least = publisher.published
            response = await client.post("/graphql", json={"query": STOREFRONT, "variables": {"slug": LOCATION}})
            found = versions_in(response.json()["data"])
            seen.update(found)
            if len(found) != 1:
                torn.append(found)
            elif not least <= min(found) <= Versions.version:
                wrong.append((least, min(found), Versions.version))

    with running(["serve"], f"http://127.0.0.1:{port}/health/ready", PORT=str(port)):
        publishing = asyncio.create_task(publisher.forever())
        started, first = time.monotonic(), publisher.published
        publisher.started_at = started - first / PUBLISHES_PER_SECOND
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            await asyncio.gather(*(reader(client, READS // READERS) for _ in range(READERS)))
        seconds = time.monotonic() - started
        publishing.cancel()

    rate = (publisher.published - first) / seconds
    print(  # noqa: T201 - the figures that the test is run for
        f"{READS} reads of {SECTIONS * ITEMS * 3 + SECTIONS + 2} values in {seconds:.0f} s, {rate:.1f} publishes/s,"
        f" {len(seen)} versions seen, {len(torn)} answers torn, {len(wrong)} older or newer than published"
    )
    assert torn == []
    assert wrong == []
    assert len(seen) > 1
