"""A store that migrates, is locked, is exhausted or restarts under load. docs/faults.md tells what each request got."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Self

import httpx2
import psycopg
import pytest

from gateway.embedded.postgres import EmbeddedPostgres
from tests.acceptance.faults import BUSY, CLIENTS, QUESTIONS, SECONDS, UNAVAILABLE, every, still_planned, tell
from tests.acceptance.gateways import gateway
from tests.acceptance.load import Load, Question
from tests.acceptance.processes import free_port, larder, running

pytestmark = pytest.mark.slow

WIDER = (
    "ALTER TABLE larder_item ADD COLUMN added integer NOT NULL DEFAULT 7",
    "ALTER TABLE larder_location ALTER COLUMN slug TYPE varchar({width})",
    "ALTER TABLE larder_offer ALTER COLUMN audience TYPE varchar({width})",
    "ALTER TABLE larder_offer ALTER COLUMN amount TYPE numeric({width},4)",
    "DROP INDEX larder_section_by_menu",
    "CREATE INDEX larder_section_by_menu ON larder_section (menu_id, position, id)",
    "ALTER TABLE larder_item DROP COLUMN added",
)
"""Types of columns that the operations select, filter by and sort by: what PostgreSQL does without a new table file."""

TO_TEXT = (
    "ALTER TABLE larder_location ALTER COLUMN slug TYPE text",
    "ALTER TABLE larder_offer ALTER COLUMN audience TYPE text",
)
TO_BIGINT = ("ALTER TABLE larder_section ALTER COLUMN position TYPE bigint",)
BACK = (
    "ALTER TABLE larder_section ALTER COLUMN position TYPE integer",
    "ALTER TABLE larder_location ALTER COLUMN slug TYPE varchar(128)",
    "ALTER TABLE larder_offer ALTER COLUMN audience TYPE varchar(16)",
    "ALTER TABLE larder_offer ALTER COLUMN amount TYPE numeric(15,4)",
)
"""Those to and from bigint, and from a longer to a shorter type, copy the table into a new file."""


class Migration:
    """Takes ``steps`` in turn, rounds after rounds; afterwards the tables are as they were."""

    def __init__(self, operator: psycopg.Connection, steps: Sequence[str]) -> None:
        self.operator = operator
        self.steps = steps
        self.done = 0

    def step(self) -> None:
        rounds, place = divmod(self.done, len(self.steps))
        self.operator.execute(self.steps[place].replace("{width}", str(129 + rounds)).encode())
        self.done += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self.done % len(self.steps):
            self.step()
        for statement in BACK:
            self.operator.execute(statement.encode())


async def test_a_migration(stocked_store: str, operator: psycopg.Connection) -> None:
    async with gateway(stocked_store) as served:
        questions = await served.answered(QUESTIONS)
        load = Load(served.client, questions, CLIENTS)
        with Migration(operator, WIDER) as migration:
            async with load.asking():
                await every(0.1, migration.step, SECONDS * 2)
                for statement in TO_TEXT:
                    await asyncio.to_thread(operator.execute, statement.encode())

            tell(f"migration, {migration.done} steps", load, served)
            assert load.tally.wrong == []
            assert load.tally.codes == {}
            assert await still_planned(served, questions)


async def test_a_migration_that_copies_a_table(stocked_store: str, operator: psycopg.Connection) -> None:
    """PostgreSQL documentation, 13.6 "Caveats": a snapshot from before ALTER TABLE sees nothing in the table's copy."""
    async with gateway(stocked_store) as served:
        questions = await served.answered(QUESTIONS)
        load = Load(served.client, questions, CLIENTS)
        with Migration(operator, [*TO_BIGINT, *TO_TEXT, *BACK]) as migration:
            async with load.asking():
                await every(0.1, migration.step, SECONDS * 2)

            tell(f"migration that copies tables, {migration.done} steps", load, served)
            assert load.tally.wrong == []
            assert load.tally.codes == {}
            assert await still_planned(served, questions)


async def test_a_table_that_is_locked(stocked_store: str, operator: psycopg.Connection) -> None:
    async with gateway(stocked_store, statement_timeout_ms=200, wait_seconds=1.0) as served:
        questions = await served.answered(QUESTIONS)
        load = Load(served.client, questions, CLIENTS)
        async with load.asking():
            with operator.transaction():
                await asyncio.to_thread(operator.execute, "LOCK TABLE larder_offer IN ACCESS EXCLUSIVE MODE")
                await asyncio.sleep(SECONDS)

        tell("table locked, statement timeout 200 ms, 1 s for a lane", load, served)
        assert load.tally.wrong == []
        assert load.tally.codes.keys() <= {UNAVAILABLE, BUSY}
        assert load.tally.codes[UNAVAILABLE]
        assert load.tally.slowest < 3
        assert load.report().recovery < 2
        assert await still_planned(served, questions)


async def test_no_lane_is_free(stocked_store: str) -> None:
    async with gateway(stocked_store, wait_seconds=1.0) as served:
        questions = await served.answered(QUESTIONS)
        load = Load(served.client, questions, CLIENTS)
        async with load.asking(), AsyncExitStack() as held:
            for _ in range(served.lanes.count):
                await held.enter_async_context(served.lanes.lane())
                await held.enter_async_context(served.plan_lanes.hold(lambda: ()))
            await asyncio.sleep(SECONDS)

        tell("every lane held, 1 s for one", load, served)
        assert load.tally.wrong == []
        assert load.tally.codes.keys() <= {UNAVAILABLE, BUSY}
        assert load.tally.codes[BUSY]
        assert load.report().recovery < 2
        assert await still_planned(served, questions)


@contextmanager
def own_store(folder: Path, database_url: str) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of the test's own with a copy of Larder's rows."""
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        larder("migrate", LARDER_DATABASE_URL=server.url)
        copy_rows(database_url, server.url)
        yield server
    finally:
        server.stop()


def copy_rows(source_url: str, target_url: str) -> None:
    with psycopg.connect(source_url) as source, psycopg.connect(target_url) as target:
        target.execute("SET session_replication_role = replica")
        tables = source.execute(r"SELECT tablename FROM pg_tables WHERE tablename LIKE 'larder\_%'").fetchall()
        for (table,) in tables:
            columns = ", ".join(
                f'"{name}"'
                for (name,) in source.execute(
                    "SELECT column_name FROM information_schema.columns"
                    " WHERE table_name = %s AND is_generated = 'NEVER'",
                    [table],
                )
            )
            target.execute(f"TRUNCATE {table} CASCADE".encode())
            with (
                source.cursor().copy(f"COPY {table} ({columns}) TO STDOUT".encode()) as out,
                target.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as into,
            ):
                for data in out:
                    into.write(data)


async def restart(server: EmbeddedPostgres, down_seconds: float) -> None:
    await asyncio.to_thread(server.stop)
    await asyncio.sleep(down_seconds)
    await asyncio.to_thread(server.start)


async def test_a_restart(stocked_store: str, tmp_path: Path) -> None:
    with own_store(tmp_path / "own", stocked_store) as server:
        async with gateway(server.url, wait_seconds=1) as served:
            questions = await served.answered(QUESTIONS)
            load = Load(served.client, questions, CLIENTS)
            async with load.asking():
                await restart(server, SECONDS)

            tell(f"restart, {SECONDS:.0f} s down", load, served)
            assert load.tally.wrong == []
            assert load.tally.codes.keys() <= {UNAVAILABLE, BUSY}
            assert load.report().recovery < 10
            assert await still_planned(served, questions)


async def test_a_restart_under_a_gateway_process(stocked_store: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with own_store(tmp_path / "own", stocked_store) as server:
        settings = {"PORT": str(port), "LARDER_DATABASE_URL": server.url}
        with running(["serve"], f"{url}/health/ready", **settings):
            async with gateway(server.url) as in_process, httpx2.AsyncClient(base_url=url, timeout=60) as client:
                questions: Sequence[Question] = await in_process.answered(QUESTIONS)
                load = Load(client, questions, CLIENTS)
                async with load.asking():
                    await restart(server, SECONDS)

        tell(f"restart under larder serve, {SECONDS:.0f} s down", load)
        assert load.tally.wrong == []
        assert load.tally.codes.keys() <= {UNAVAILABLE, BUSY}
        assert load.report().recovery < 10
