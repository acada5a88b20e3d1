"""Suppliers deliver to a real ``larder serve``: all is acknowledged, and nothing has more effect than it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.webhooks import SECRET, SOURCES, STREAMS, declaration, left, turns
from tests.acceptance.processes import free_port, running, wait_for

RATE, SECONDS, BURST = 200, 30, 1_000
START_SECONDS = 240


@pytest.mark.slow
async def test_a_flood_of_webhooks_is_acknowledged(store: str, tmp_path: Path) -> None:
    port, declared = free_port(), tmp_path / "sources.toml"
    declared.write_text(declaration())
    environment = {"LARDER_SOURCES": str(declared), "BENCH_SECRET": SECRET}

    with running(["serve", "--port", str(port), "--log-level", "error"], None, **environment) as process:
        wait_for(f"http://127.0.0.1:{port}/health/ready", process, START_SECONDS)
        found = await turns(port, RATE, SECONDS, BURST)

    assert {name: dict(turn.statuses) for name, turn in found.items()} == {
        "10 a second": {200: 50},
        "200 a second": {200: 6_000},
        "one event 50 times among 450": {200: 500},
        "forged": {401: 200},
        "1000 at once": {200: 1_000},
    }
    kept = left(store)
    assert kept["deliveries kept"] == 50 + 50 + RATE * SECONDS + 450 + 1 + BURST
    assert kept["of the event sent 50 times"] == 1
    assert kept["of forged ones"] == 0
    assert kept["jobs that wait"] == SOURCES * len(STREAMS)
    assert kept["most jobs of one stream"] == 1
