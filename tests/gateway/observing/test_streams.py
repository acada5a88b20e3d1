"""What is told of the suppliers' streams, from the record that runs leave in the store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.observing.ages import Ages
from gateway.observing.families import BY_NAME
from gateway.observing.streams import STATES
from loaders.lanes import Lanes
from sync.runs import State
from tests.sync.larder import Larder

Told = dict[tuple[str, ...], float]
RUN = """
INSERT INTO larder_sync_run (source, stream, state, decision, fence, started_at, finished_at, documents,
    unchanged_documents, failed_documents, staged, inserted, updated, deleted, quarantined, error, trigger, cursor,
    holds)
VALUES ('corner', 'menu', %s, %s, 1, now() - %s * interval '1 second',
    CASE WHEN %s THEN now() END, 0, 0, 0, 0, 0, 0, 0, 0, '', 'SCHEDULE', '{}', '[]')
"""
DELIVERY = """
INSERT INTO larder_sync_delivery (source, event_id, stream, received_at, done_at)
VALUES ('corner', %s, %s, now() - %s * interval '1 second', %s)
"""
REFUSED = """
INSERT INTO larder_sync_quarantine (source, kind, key, scope, rule, value, since, run_id)
VALUES (%s, 'offer', %s, 's', 'r', 'v', now(), 1)
"""


@pytest.fixture
def larder(store: str) -> Larder:
    found = Larder(store)
    found.execute(
        """INSERT INTO larder_sync_stream (source, name, cursor, fence, held)
        VALUES ('corner', 'menu', '{}', 1, '{"a": "x", "b": "y"}')"""
    )
    return found


@pytest.fixture
async def ages(store: str) -> AsyncIterator[Ages]:
    lanes = Lanes(store, count=1)
    await lanes.open()
    yield Ages(lanes)
    await lanes.close()


async def read(ages: Ages) -> Told:
    told = await ages.read()
    assert told[0] == ("larder_store_up", (), 1)
    for name, labels, _ in told:
        assert len(labels) == len(BY_NAME[name].labels)
    return {(name.removeprefix("larder_sync_"), *labels): number for name, labels, number in told}


def ran(larder: Larder, state: str, seconds: int, decision: str = "", *, ended: bool = True) -> None:
    larder.execute(RUN, state, decision, seconds, ended)


def states(told: Told) -> list[str]:
    assert {key[3] for key in told if key[0] == "last_run"} == set(STATES)
    return [key[3] for key, number in told.items() if key[0] == "last_run" and number]


def test_the_states_are_those_in_which_a_run_ends() -> None:
    assert set(STATES) == set(State) - {State.QUEUED, State.FETCHING, State.STAGED, State.VALIDATED}


async def test_failures_after_a_publish_do_not_hide_how_long_ago_it_was(larder: Larder, ages: Ages) -> None:
    for state, seconds in (("PUBLISHED", 7200), ("PUBLISHED", 3600), ("FAILED", 600), ("SUPERSEDED", 500)):
        ran(larder, state, seconds)
    ran(larder, "FETCHING", 5, ended=False)

    told = await read(ages)

    assert told["published_age_seconds", "corner", "menu"] == pytest.approx(3600, abs=300)
    assert states(told) == ["SUPERSEDED"]
    assert told["held_runs", "corner", "menu"] == 0
    assert told["held_units", "corner", "menu"] == 2


async def test_a_stream_that_never_published_is_as_old_as_its_first_run(larder: Larder, ages: Ages) -> None:
    ran(larder, "FAILED", 9000)
    ran(larder, "FAILED", 60)

    told = await read(ages)

    assert told["published_age_seconds", "corner", "menu"] == pytest.approx(9000, abs=300)
    assert states(told) == ["FAILED"]


@pytest.mark.parametrize(
    ("after", "decision", "waiting"),
    [("FAILED", "", 1), ("PUBLISHED", "", 0), ("FAILED", "REJECTED", 0), ("FAILED", "APPROVED", 0)],
)
async def test_a_held_run_waits_until_it_is_decided_or_another_is_published(
    larder: Larder, ages: Ages, after: str, decision: str, waiting: int
) -> None:
    ran(larder, "HELD", 100, decision)
    ran(larder, after, 50)

    assert (await read(ages))["held_runs", "corner", "menu"] == waiting


async def test_what_waits_in_the_inbox_is_told_though_its_stream_never_ran(larder: Larder, ages: Ages) -> None:
    for event_id, stream, seconds, done in (
        ("e1", "stock", 900, None),
        ("e2", "stock", 30, None),
        ("e3", "stock", 9000, "2026-01-01"),
        ("e4", "menu", 9000, "2026-01-01"),
    ):
        larder.execute(DELIVERY, event_id, stream, seconds, done)

    told = await read(ages)

    assert told["inbox_waiting", "corner", "stock"] == 2
    assert told["inbox_age_seconds", "corner", "stock"] == pytest.approx(900, abs=300)
    assert (told["inbox_waiting", "corner", "menu"], told["inbox_age_seconds", "corner", "menu"]) == (0, 0)
    assert [key for key in told if key[0] in {"last_run", "published_age_seconds"}] == []


async def test_refused_rows_are_told_once_for_each_source(larder: Larder, ages: Ages) -> None:
    for source, key in (("corner", "1"), ("corner", "2"), ("elsewhere", "1")):
        larder.execute(REFUSED, source, key)
    larder.execute(
        "INSERT INTO larder_sync_stream (source, name, cursor, fence, held) VALUES ('corner','x','{}',1,'{}')"
    )

    told = await read(ages)

    assert [(key, number) for key, number in told.items() if key[0] == "quarantined_rows"] == [
        (("quarantined_rows", "corner"), 2)
    ]


async def test_there_are_labels_for_so_many_streams_and_no_more(larder: Larder, ages: Ages) -> None:
    larder.execute(
        """INSERT INTO larder_sync_stream (source, name, cursor, fence, held)
        SELECT 's' || n, 'menu', '{}', 1, '{}' FROM generate_series(1, 600) AS n"""
    )

    told = await read(ages)

    assert len([key for key in told if key[0] == "held_runs"]) == 500
