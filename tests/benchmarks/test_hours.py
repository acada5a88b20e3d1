"""What the record of runs says about runs at once, and about waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from benchmarks.hours import Death, Overlap, lapsed, overlaps, waits

RUN = """
INSERT INTO larder_sync_run (source, stream, state, fence, started_at, finished_at, documents, unchanged_documents,
    failed_documents, staged, inserted, updated, deleted, quarantined, error, trigger, cursor, holds, decision)
VALUES ('s1', %s, %s, 1, to_timestamp(%s), to_timestamp(%s), 0, 0, 0, 0, 0, 0, 0, 0, '', 'SCHEDULE', '{}', '[]', '')
RETURNING id
"""
NOBODY = Death(0.0, (), ())


@pytest.fixture
def connection(store: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(store, autocommit=True) as connection:
        yield connection


def run(
    connection: psycopg.Connection[Any],
    began: float,
    ended: float | None,
    state: str = "PUBLISHED",
    stream: str = "menu",
) -> int:
    [(run_id,)] = connection.execute(RUN, [stream, state, began, ended]).fetchall()
    return int(run_id)


def test_runs_one_after_the_other_do_not_overlap(connection: psycopg.Connection[Any]) -> None:
    run(connection, 10, 20)
    run(connection, 20, 30)
    run(connection, 15, 25, stream="stock")

    assert overlaps(connection, NOBODY) == []


@pytest.mark.parametrize("ended", [26, None])
def test_a_run_that_goes_on_while_the_next_begins_overlaps(
    connection: psycopg.Connection[Any], ended: float | None
) -> None:
    zombie = run(connection, 10, ended, "FETCHING" if ended is None else "FAILED")
    following = run(connection, 25, 30)

    assert overlaps(connection, NOBODY) == [Overlap("s1/menu", (zombie, following), fenced=False)]


def test_a_run_whose_lease_was_taken_from_a_worker_that_lives_overlaps_though_it_is_fenced(
    connection: psycopg.Connection[Any],
) -> None:
    slow = run(connection, 10, 25.01, "SUPERSEDED")
    following = run(connection, 25, 30)

    assert overlaps(connection, NOBODY) == [Overlap("s1/menu", (slow, following), fenced=True)]
    assert lapsed(connection, NOBODY) == 1


def test_a_run_that_was_cut_ends_with_its_worker(connection: psycopg.Connection[Any]) -> None:
    cut = run(connection, 10, 25.01, "SUPERSEDED")
    run(connection, 25, 30)
    death = Death(12.0, (cut,), ("s1/menu",))

    assert overlaps(connection, death) == []
    assert lapsed(connection, death) == 0


def test_a_run_that_began_before_the_worker_died_overlaps_the_one_that_was_cut(
    connection: psycopg.Connection[Any],
) -> None:
    cut = run(connection, 10, 25.01, "SUPERSEDED")
    other = run(connection, 11, 14)

    assert overlaps(connection, Death(12.0, (cut,), ("s1/menu",))) == [Overlap("s1/menu", (cut, other), fenced=False)]


def test_a_time_due_waits_for_the_first_run_from_then_on() -> None:
    dues = [("s1/menu", 100), ("s1/menu", 110), ("s2/menu", 100), ("s2/menu", 120)]
    began = {"s1/menu": [99.0, 112.5], "s2/menu": [100.0]}

    found = waits(dues, began, now=126.0)

    assert found.of_source == {"s1": [2.5, 12.5], "s2": [0.0, 6.0]}
    assert found.missing == 1
    assert found.all == [0.0, 2.5, 6.0, 12.5]
    assert found.of_sources(0.99) == [6.0, 12.5]
    assert found.of_sources(0.5) == [0.0, 2.5]
