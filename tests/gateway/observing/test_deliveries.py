"""Deliveries of webhooks in the numbers that workers tell together."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.observing.deliveries import Deliveries
from gateway.observing.families import BY_NAME
from gateway.observing.metrics import Metrics, anybody
from gateway.observing.requests import Requests
from gateway.observing.shared import SharedNumbers
from gateway.observing.snapshots import Timing, take
from tests.gateway.observing.test_metrics import labels, numbers


def counted(*seconds: float, source: str = "corner", outcome: str = "accepted") -> Deliveries:
    deliveries = Deliveries()
    for one in seconds:
        deliveries.note(source, outcome, one)
    return deliveries


async def test_deliveries_are_told_by_source_and_outcome() -> None:
    deliveries = counted(0.002, 0.002)
    deliveries.note("corner", "forged", 20.0)
    deliveries.note("", "unknown_source", 0.001)

    told = await numbers(Metrics(Requests(1, 1), [deliveries.read]))

    assert told["larder_webhook_deliveries_total", labels(source="corner", outcome="accepted")] == 2
    assert told["larder_webhook_deliveries_total", labels(source="corner", outcome="forged")] == 1
    assert told["larder_webhook_deliveries_total", labels(source="", outcome="unknown_source")] == 1
    assert told["larder_webhook_seconds_count", labels(source="corner")] == 3
    assert told["larder_webhook_seconds_sum", labels(source="corner")] == pytest.approx(20.004)
    for bound, count in {"0.0016": 0, "0.002": 2, "10.0": 2, "+Inf": 3}.items():
        assert told["larder_webhook_seconds_bucket", labels(source="corner", le=bound)] == count


async def test_deliveries_of_all_workers_are_told_together_and_those_of_workers_that_are_gone(tmp_path: Path) -> None:
    shared = SharedNumbers(tmp_path)
    shared.open()
    gone = 2**22 + 1
    shared.write(take(gone, Requests(1, 1), [counted(0.1, 0.2).read], {}))
    shared.open()

    mine = Metrics(Requests(1, 1), [counted(0.3).read], allows=anybody, shared=SharedNumbers(tmp_path))
    told = await numbers(mine)

    assert not (tmp_path / f"{gone}.json").exists()
    assert told["larder_webhook_deliveries_total", labels(source="corner", outcome="accepted")] == 3
    assert told["larder_webhook_seconds_count", labels(source="corner")] == 3
    assert told["larder_webhook_seconds_sum", labels(source="corner")] == pytest.approx(0.6)


async def test_without_deliveries_there_is_no_histogram_of_them() -> None:
    told = await numbers(Metrics(Requests(1, 1), [Deliveries().read]))

    assert [name for name, _ in told if "webhook" in name] == []


def test_every_number_is_of_a_declared_family_with_its_labels() -> None:
    for told in counted(0.1).read():
        name, values = (told.name, told.labels) if isinstance(told, Timing) else told[:2]
        assert len(values) == len(BY_NAME[name].labels)
