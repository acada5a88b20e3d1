"""What fails: a statement, a connection, the store. A lane is clean afterwards, or replaced."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import quote

import psycopg
import pytest

from loaders.errors import StoreUnavailable
from loaders.pipelines import connecting
from loaders.pipelines.calls import Call
from loaders.pipelines.lanes import Driver, PipelineLanes
from tests.loaders.pipelines.calling import KILL_ALL, ask, call

GOOD = [call("SELECT 1"), call("SELECT $1::text", "two"), call("SELECT 3")]
GOOD_ROWS = [[(1,)], [("two",)], [(3,)]]


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (call("SELECT 1 / $1::int", "0"), psycopg.errors.DivisionByZero),
        (call("SELECT no_such_column"), psycopg.errors.UndefinedColumn),
        (call("SELECT $1::int", "x"), psycopg.errors.InvalidTextRepresentation),
        (call("SELEKT"), psycopg.errors.SyntaxError),
    ],
)
async def test_a_failed_statement_fails_its_pipeline_and_no_other(
    either: PipelineLanes, place: int, wrong: Call, error: type[Exception]
) -> None:
    for _ in range(3):
        with pytest.raises(error):
            await ask(either, *GOOD[:place], wrong, *GOOD[place:])

        assert await ask(either, *GOOD) == GOOD_ROWS


async def test_the_error_names_its_own_cause_and_not_that_of_the_statements_after_it(either: PipelineLanes) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await ask(either, GOOD[0], call("SELECT 1 / 0"), call("SELECT no_such_column"))


async def test_a_statement_that_takes_too_long_is_cut_and_not_tried_again(opened: Any, driver: Driver) -> None:
    lanes = await opened(count=1, statement_timeout_ms=200)
    await ask(lanes, *GOOD)
    started = time.monotonic()

    with pytest.raises(StoreUnavailable) as raised:
        await ask(lanes, call("SELECT 1 FROM pg_sleep(5)"))

    assert isinstance(raised.value.__cause__, psycopg.errors.QueryCanceled)
    assert time.monotonic() - started < 0.39
    assert await ask(lanes, *GOOD) == GOOD_ROWS


async def test_a_pooled_statement_that_takes_too_long_is_cut(opened: Any, pooler: str) -> None:
    lanes = await opened(pooler, count=1, statement_timeout_ms=200, pooled=True)

    with pytest.raises(StoreUnavailable) as raised:
        await ask(lanes, call("SELECT 1 FROM pg_sleep(5)"))

    assert isinstance(raised.value.__cause__, psycopg.errors.QueryCanceled)
    assert await ask(lanes, *GOOD) == GOOD_ROWS


async def test_a_connection_lost_under_a_pipeline_is_replaced_and_nobody_notices(
    lanes: PipelineLanes, writer: psycopg.Connection
) -> None:
    made = []

    def make() -> Sequence[Call]:
        made.append(1)
        return [call("SELECT 7 FROM pg_sleep(0.3)")]

    reading = asyncio.create_task(lanes.run(make))
    await asyncio.sleep(0.15)
    writer.execute(KILL_ALL)

    [rows] = await reading
    assert rows.load(0, 1) == [(7,)]
    assert made == [1]


async def test_a_connection_lost_twice_is_an_unavailable_store(
    lanes: PipelineLanes, writer: psycopg.Connection
) -> None:
    reading = asyncio.create_task(ask(lanes, call("SELECT 7 FROM pg_sleep(0.5)")))
    for _ in range(2):
        await asyncio.sleep(0.25)
        writer.execute(KILL_ALL)

    with pytest.raises(StoreUnavailable):
        await reading
    assert await ask(lanes, *GOOD) == GOOD_ROWS


async def test_lanes_that_died_while_idle_fail_nobody(lanes: PipelineLanes, writer: psycopg.Connection) -> None:
    for _ in range(3):
        await asyncio.gather(*(ask(lanes, *GOOD) for _ in range(4)))
        writer.execute(KILL_ALL)

        found = await asyncio.gather(*(ask(lanes, *GOOD) for _ in range(4)))
        assert found == [GOOD_ROWS] * 4


async def test_the_poolers_dead_sessions_fail_nobody_once_it_knows(
    opened: Any, pooler: str, writer: psycopg.Connection
) -> None:
    lanes = await opened(pooler, count=2, pooled=True)
    for _ in range(3):
        await asyncio.gather(*(ask(lanes, *GOOD) for _ in range(4)))
        writer.execute(KILL_ALL)
        await asyncio.sleep(0.1)

        found = await asyncio.gather(*(ask(lanes, *GOOD) for _ in range(4)))
        assert found == [GOOD_ROWS] * 4


async def test_a_lane_that_dies_while_its_snapshot_is_held_is_replaced(
    lanes: PipelineLanes, writer: psycopg.Connection
) -> None:
    async with lanes.hold(lambda: GOOD):
        writer.execute(KILL_ALL)
        await asyncio.sleep(0.05)

    assert await ask(lanes, *GOOD) == GOOD_ROWS


async def test_rows_outlive_their_lane(lanes: PipelineLanes, writer: psycopg.Connection) -> None:
    [rows] = await lanes.run(lambda: [call("SELECT i, 'row ' || i FROM generate_series(1, 5) i")])
    [again] = await lanes.run(lambda: [call("SELECT i, 'row ' || i FROM generate_series(1, 5) i")])
    await lanes.close()

    assert again.load(0, 1) == [(1, "row 1")]
    assert rows.load(3, 5) == [(4, "row 4"), (5, "row 5")]
    assert rows.load(0, 2) == [(1, "row 1"), (2, "row 2")]
    assert rows.load(5, 5) == []
    assert rows.count == 5


async def test_a_value_that_python_cannot_hold_fails_its_reader_and_no_other(lanes: PipelineLanes) -> None:
    many = call("SELECT CASE WHEN i = 3 THEN '10000-01-01' ELSE '2026-01-01' END::date FROM generate_series(1, 4) i")
    [rows] = await lanes.run(lambda: [many])

    with pytest.raises(psycopg.DataError):
        rows.load(0, 4)
    assert len(rows.load(0, 2)) == 2
    assert await ask(lanes, *GOOD) == GOOD_ROWS


async def test_a_store_that_is_not_there_is_unavailable_in_time(opened: Any) -> None:
    lanes = await opened("postgresql://nobody@/nowhere?host=/nowhere", wait_seconds=0.3)
    started = time.monotonic()

    with pytest.raises(StoreUnavailable, match="The store does not answer"):
        await ask(lanes, *GOOD)

    assert 0.25 < time.monotonic() - started < 1


async def test_a_store_that_is_not_there_is_not_hammered(opened: Any) -> None:
    attempts = []

    def hang_up(_: asyncio.StreamReader, peer: asyncio.StreamWriter) -> None:
        attempts.append(1)
        peer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    lanes = await opened(f"postgresql://nobody@127.0.0.1:{port}/nowhere", count=3, wait_seconds=1)

    failed = await asyncio.gather(*(ask(lanes, *GOOD) for _ in range(50)), return_exceptions=True)
    server.close()

    assert {type(error) for error in failed} == {StoreUnavailable}
    assert len(attempts) < 30


@pytest.mark.parametrize("driver", ["pq", pytest.param("psycopg", marks=pytest.mark.slow)])
async def test_a_connection_that_falls_silent_is_given_up(
    opened: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "PATIENCE_SECONDS", 0.2)
    async with BlackHole(database_url) as hole:
        lanes = await opened(hole.url, count=1, statement_timeout_ms=100)
        assert await ask(lanes, *GOOD) == GOOD_ROWS

        hole.swallow()
        assert await ask(lanes, *GOOD) == GOOD_ROWS


class BlackHole:
    """A TCP relay to the database that can swallow all that is on its way, in both directions, without a word."""

    def __init__(self, database_url: str) -> None:
        given = psycopg.conninfo.conninfo_to_dict(database_url)
        self._socket = f"{given['host']}/.s.PGSQL.{given.get('port', 5432)}"
        self._names = f"{quote(str(given['user']))}@127.0.0.1:%d/{quote(str(given['dbname']))}"
        self._relays: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._swallowed: set[asyncio.StreamWriter] = set()

    def swallow(self) -> None:
        """Let nothing more through on the connections that are there."""
        self._swallowed.update(self._writers)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"postgresql://{self._names % self._server.sockets[0].getsockname()[1]}?sslmode=disable"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for relay in self._relays:
            relay.cancel()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._relays, *(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._socket)
        self._writers += (writer, back)
        for source, target in ((reader, back), (there, writer)):
            self._relays.add(asyncio.create_task(self._relay(source, target)))

    async def _relay(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                if target not in self._swallowed:
                    target.write(data)
        except OSError:
            pass
        finally:
            target.close()


async def test_closing_fails_what_runs_and_what_waits(opened: Any) -> None:
    lanes = await opened(count=1)
    await ask(lanes, *GOOD)
    running = asyncio.create_task(ask(lanes, call("SELECT 1 FROM pg_sleep(3)")))
    waiting = asyncio.create_task(ask(lanes, *GOOD))
    await asyncio.sleep(0.1)
    started = time.monotonic()

    await lanes.close()
    for task in (running, waiting):
        with pytest.raises(StoreUnavailable):
            await task
    with pytest.raises(StoreUnavailable):
        await ask(lanes, *GOOD)
    assert time.monotonic() - started < 1
