"""What the parts count by themselves, told as metrics."""

from __future__ import annotations

import pytest
import strawberry

from gateway.cache.memory import Memory
from gateway.endpoint.documents import Documents
from gateway.endpoint.preparing import Preparer
from gateway.load.admission import Admission
from gateway.load.lag import LoopLag
from gateway.observing import readings
from gateway.observing.families import BY_NAME
from gateway.observing.readings import REASONS, labelled
from gateway.observing.snapshots import Reading, Timing
from loaders.lanes import Lanes
from loaders.pipelines.lanes import PipelineLanes
from persisted_queries.registrations import Registrations
from plans.engine import PlanEngine

NOWHERE = "postgresql://nobody@/nowhere?host=/nowhere"


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"


SCHEMA = strawberry.Schema(Query)


def told(reading: Reading) -> dict[tuple[str, ...], float]:
    """Numbers by name and labels, which are those that are declared."""
    found = {}
    for value in reading():
        assert not isinstance(value, Timing)
        name, labels, number = value
        assert len(labels) == len(BY_NAME[name].labels)
        found[name, *labels] = number
    return found


def test_lanes_of_either_kind_are_told() -> None:
    idle = {("larder_lanes", "x", "busy"): 0, ("larder_lanes", "x", "idle"): 0, ("larder_lane_waiters", "x"): 0}

    assert told(readings.lanes("x", PipelineLanes(NOWHERE))) == idle
    assert told(readings.lanes("x", Lanes(NOWHERE))) == idle


async def test_lanes_at_work_are_told_apart_from_idle_ones(store: str) -> None:
    lanes = PipelineLanes(store, count=1)
    await lanes.open()
    try:
        async with lanes.hold(list):
            busy = lanes.usage
        async with lanes.hold(list):
            pass
    finally:
        await lanes.close()

    assert (busy.busy, busy.idle, busy.waiting) == (1, 0, 0)


async def test_plans_are_told_by_reason() -> None:
    engine = PlanEngine(SCHEMA, PipelineLanes(NOWHERE))
    engine.counters.answered = 3
    engine.counters.deopts["retired"] += 2

    found = told(readings.plans(engine))

    assert found["larder_plan_answers_total",] == 3
    assert found["larder_plan_deopts_total", "retired"] == 2


async def test_documents_are_told() -> None:
    documents = Documents(Preparer(SCHEMA), registrations=Registrations(None))
    documents.preparer.prepare("{ hello }")
    assert documents.registrations is not None
    await documents.registrations.get("ab" * 32)

    found = told(readings.documents(documents))

    assert found["larder_documents_prepared_total",] == 1
    assert found["larder_registrations_total", "misses"] == 1
    assert told(readings.documents(Documents(Preparer(SCHEMA))))


def test_admission_lag_and_cache_are_told() -> None:
    assert told(readings.admission(Admission(None)))["larder_executions", "running"] == 0
    assert told(readings.lag(LoopLag())) == {("larder_loop_lag_seconds", "0.5"): 0, ("larder_loop_lag_seconds", "1"): 0}
    assert told(readings.response_cache({"hit": 5}, Memory(1000))) == {
        ("larder_cache_events_total", "hit"): 5,
        ("larder_cache_events_total", "evicted"): 0,
        ("larder_cache_bytes",): 0,
        ("larder_cache_entries",): 0,
    }


@pytest.mark.parametrize("count", [1, REASONS, REASONS + 1, REASONS * 3])
def test_reasons_are_bounded_and_none_is_lost(count: int) -> None:
    found = list(labelled("larder_plan_deopts_total", {f"reason {number}": 2 for number in range(count)}))

    assert len(found) <= REASONS + 1
    assert sum(number for _, _, number in found) == 2 * count
