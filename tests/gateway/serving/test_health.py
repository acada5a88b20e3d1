"""Health: what a load balancer is told, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from psycopg import AsyncConnection

from gateway.endpoint import health
from gateway.endpoint.health import Health
from gateway.serving.draining import Drain
from loaders.lanes import Lanes


async def told(app: Any) -> tuple[int, dict[str, Any]]:
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await app({"type": "http"}, None, send)
    return sent[0]["status"], orjson.loads(sent[1]["body"])


async def test_ready_once_the_store_can_be_read_and_documents_are_warm(store: str) -> None:
    lanes, warm = Lanes(store, count=1), False
    checked = Health(lanes, lambda: warm)
    await lanes.open()

    assert await told(checked.ready) == (503, {"status": "not ready", "store": "ok", "documents": "warming up"})
    warm = True
    assert await told(checked.ready) == (200, {"status": "ready", "store": "ok"})
    await lanes.close()


async def test_a_process_that_drains_is_not_ready_but_lives(store: str) -> None:
    drain = Drain()
    checked = Health(Lanes(store), drain=drain)

    drain.begun = True

    assert await told(checked.ready) == (503, {"status": "draining"})
    assert await told(checked.live) == (200, {"status": "live"})


async def test_a_store_that_does_not_answer_is_told_of_in_time(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.2)
    lanes = Lanes(store, count=1)
    checked = Health(lanes)
    await lanes.open()
    locker = await AsyncConnection.connect(store)
    await locker.execute("LOCK TABLE larder_head IN ACCESS EXCLUSIVE MODE")

    answers = await asyncio.gather(*(told(checked.ready) for _ in range(5)))

    assert answers == [(503, {"status": "not ready", "store": "no answer within 0.2 s"})] * 5
    await locker.close()
    for _ in range(100):
        if (await told(checked.ready))[0] == 200:
            break
        await asyncio.sleep(0.05)
    assert await told(checked.ready) == (200, {"status": "ready", "store": "ok"})
    await lanes.close()
