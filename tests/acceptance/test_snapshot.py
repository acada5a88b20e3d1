"""No answer over HTTP mixes two publishes, however often the store is published to while it is read."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.acceptance.processes import free_port, running
from tests.acceptance.publishing import NAMES, Board, publishing
from tests.acceptance.versions import STOREFRONT, VALUES, versions_in

READS = int(os.environ.get("SNAPSHOT_READS", "10000"))
PUBLISHES_PER_SECOND = 20
READERS = 4


async def executed_by(client: httpx2.AsyncClient) -> str:
    """``plan`` or ``resolvers``, as the gateway says."""
    body: dict[str, Any] = {"query": STOREFRONT, "variables": {"slug": NAMES[0]}, "extensions": {"plan": True}}
    answer = (await client.post("/graphql", json=body)).json()
    return str(answer["extensions"]["plan"]["by"]) if "extensions" in answer else "resolvers"


@pytest.mark.slow
@pytest.mark.parametrize("path", ["plan", "resolvers"])
async def test_no_answer_mixes_two_publishes(store: str, tmp_path: Path, path: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"PORT": str(port), "LARDER_PLANS": "on" if path == "plan" else "off", "LARDER_PLAN_EXPLAIN": "on"}
    seen: set[tuple[str, int]] = set()
    torn: list[set[int]] = []
    wrong: list[tuple[int, int, int]] = []
    names = itertools.islice(itertools.cycle(NAMES), READS)

    async def reader(client: httpx2.AsyncClient, board: Board) -> None:
        for name in names:
            least = board.published(name)
            response = await client.post("/graphql", json={"query": STOREFRONT, "variables": {"slug": name}})
            most = board.said(name)
            found = versions_in(response.json()["data"])
            seen.update((name, version) for version in found)
            if len(found) != 1:
                torn.append(found)
            elif not least <= min(found) <= most:
                wrong.append((least, min(found), most))

    with publishing(tmp_path, PUBLISHES_PER_SECOND) as board, running(["serve"], f"{url}/health/ready", **settings):
        async with httpx2.AsyncClient(base_url=url, timeout=30) as client:
            assert await executed_by(client) == path
            started, before = time.monotonic(), board.total()
            await asyncio.gather(*(reader(client, board) for _ in range(READERS)))
            seconds, published = time.monotonic() - started, board.total() - before
            assert await executed_by(client) == path

    print(  # noqa: T201 - the figures that the test is run for
        f"{path}: {READS} reads of {VALUES} values in {seconds:.0f} s beside {published / seconds:.1f} publishes/s:"
        f" {len(seen)} versions seen, {len(torn)} answers torn, {len(wrong)} older or newer than published"
    )
    assert torn == []
    assert wrong == []
    assert len(seen) > 2 * len(NAMES)
