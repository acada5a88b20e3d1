"""What one operation costs on a lane: seven statements, 426 rows, one snapshot; decoded to tuples.

    python benchmarks/lanes.py postgresql://…   [--rounds 40]

Makes its tables in a schema of its own, ``larder_bench_lanes``, and drops it. The ways are interleaved, round by
round, so that a busy machine slows all of them: trust the ratios. CPU is that of this process, not PostgreSQL's.
Needs the extra ``bench``.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import psycopg
from psycopg import AsyncConnection, AsyncRawCursor

from loaders.pipelines.calls import Call, Prepared
from loaders.pipelines.encoders import encoder
from loaders.pipelines.lanes import Driver, PipelineLanes

SCHEMA = "larder_bench_lanes"
LOCATIONS, ITEMS = 200, 80
PER_ROUND, AT_ONCE = 20, 64

TABLES = f"""
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}; SET search_path = {SCHEMA};
CREATE TABLE location (id bigint PRIMARY KEY, slug text, name text, city text);
CREATE TABLE menu (id bigint PRIMARY KEY, location_id bigint, name text, position int);
CREATE TABLE section (id bigint PRIMARY KEY, location_id bigint, menu_id bigint, name text, position int);
CREATE TABLE item (id bigint PRIMARY KEY, location_id bigint, section_id bigint, name text, description text);
CREATE TABLE offer (id bigint PRIMARY KEY, location_id bigint, item_id bigint, currency text, amount numeric(15,4));
CREATE TABLE availability (id bigint PRIMARY KEY, location_id bigint, item_id bigint, status text, until timestamptz);
CREATE TABLE allergen (id bigint PRIMARY KEY, location_id bigint, item_id bigint, code text);
INSERT INTO location SELECT l, 'l-' || l, 'Location ' || l, 'City' FROM generate_series(1, {LOCATIONS}) l;
INSERT INTO menu SELECT l * 2 + m, l, 'Menu ' || m, m FROM generate_series(1, {LOCATIONS}) l, generate_series(0, 1) m;
INSERT INTO section SELECT l * 8 + s, l, l * 2 + s / 4, 'Section ' || s, s
  FROM generate_series(1, {LOCATIONS}) l, generate_series(0, 7) s;
INSERT INTO item SELECT l * {ITEMS} + i, l, l * 8 + i / 10, 'Braised leek ' || i, repeat('charred ', 8)
  FROM generate_series(1, {LOCATIONS}) l, generate_series(0, {ITEMS - 1}) i;
INSERT INTO offer SELECT id * 2 + o, location_id, id, 'EUR', 3 + o FROM item, generate_series(0, 1) o;
INSERT INTO availability SELECT id, location_id, id, 'AVAILABLE', now() FROM item WHERE id % {ITEMS} < 76;
INSERT INTO allergen SELECT id * 2 + a, location_id, id, 'GLU' FROM item, generate_series(0, 1) a
  WHERE id % {ITEMS} < CASE a WHEN 0 THEN 79 ELSE 20 END;
CREATE INDEX ON menu (location_id); CREATE INDEX ON section (location_id); CREATE INDEX ON item (location_id);
CREATE INDEX ON offer (location_id); CREATE INDEX ON availability (location_id); CREATE INDEX ON allergen (location_id);
ANALYZE location, menu, section, item, offer, availability, allergen;
"""

COLUMNS = {
    "location": "id, slug, name, city",
    "menu": "location_id, id, name",
    "section": "menu_id, id, name",
    "item": "section_id, id, name, description",
    "offer": "item_id, id, currency, amount",
    "availability": "item_id, status, until",
    "allergen": "item_id, code",
}
TEXTS = [
    f"SELECT {columns} FROM {SCHEMA}.{table}"
    f" WHERE {'id' if table == 'location' else 'location_id'} = ANY($1::bigint[]) ORDER BY id"
    for table, columns in COLUMNS.items()
]
STATEMENTS = [Prepared(f"bench_{number}".encode(), text.encode(), (1016,)) for number, text in enumerate(TEXTS)]
KEYS = encoder("bigint[]")

Operation = Callable[[int], Awaitable[int]]
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


async def on_lanes(stack: AsyncExitStack, url: str, driver: Driver, count: int) -> Operation:
    """Larder's own lanes."""
    lanes = PipelineLanes(url, driver=driver, count=count, wait_seconds=60)
    await lanes.open()
    stack.push_async_callback(lanes.close)

    async def operation(key: int) -> int:
        def make() -> Sequence[Call]:
            data, form = KEYS([key])
            return [Call(statement, (data,), (form,)) for statement in STATEMENTS]

        return sum(len(rows.load(0, rows.count)) for rows in await lanes.run(make))

    return operation


async def on_psycopg(stack: AsyncExitStack, url: str, count: int) -> Operation:
    """Psycopg's pipeline as its documentation shows it, with re-used cursors."""
    free: asyncio.Queue[tuple[AsyncConnection[Any], list[AsyncRawCursor[Any]]]] = asyncio.Queue()
    for _ in range(count):
        connection = await AsyncConnection.connect(
            url, autocommit=True, prepare_threshold=0, options="-c plan_cache_mode=force_generic_plan"
        )
        stack.push_async_callback(connection.close)
        free.put_nowait((connection, [AsyncRawCursor(connection) for _ in TEXTS]))

    async def operation(key: int) -> int:
        connection, cursors = await free.get()
        try:
            async with connection.pipeline():
                await connection.execute(BEGIN)
                for cursor, text in zip(cursors, TEXTS, strict=True):
                    await cursor.execute(text, [[key]], binary=True)
                await connection.execute("COMMIT")
            return sum([len(await cursor.fetchall()) for cursor in cursors])
        finally:
            free.put_nowait((connection, cursors))

    return operation


async def on_asyncpg(stack: AsyncExitStack, url: str, count: int) -> Operation:
    """Asyncpg, which has no pipelines: the statements one after another."""
    free: asyncio.Queue[tuple[Any, list[Any]]] = asyncio.Queue()
    for _ in range(count):
        connection = await asyncpg.connect(
            url,
            server_settings={
                "plan_cache_mode": "force_generic_plan",
                "default_transaction_isolation": "repeatable read",
                "default_transaction_read_only": "on",
            },
        )
        stack.push_async_callback(connection.close)
        free.put_nowait((connection, [await connection.prepare(text) for text in TEXTS]))

    async def operation(key: int) -> int:
        connection, statements = await free.get()
        try:
            async with connection.transaction():
                return sum([len(await statement.fetch([key])) for statement in statements])
        finally:
            free.put_nowait((connection, statements))

    return operation


async def measure(url: str, rounds: int, count: int, at_once: int) -> None:
    """Print a line for each way, ``at_once`` operations at a time."""
    async with AsyncExitStack() as stack:
        ways: dict[str, Operation] = {
            "lane, driver pq": await on_lanes(stack, url, "pq", count),
            "lane, driver psycopg": await on_lanes(stack, url, "psycopg", count),
            "psycopg pipeline": await on_psycopg(stack, url, count),
            "asyncpg": await on_asyncpg(stack, url, count),
        }
        for operation in ways.values():
            found = {await operation(key) for key in range(1, 30)}
            if found != {426}:
                raise RuntimeError(f"{found} rows")
        took: dict[str, list[float]] = {name: [] for name in ways}
        cpu: dict[str, list[float]] = {name: [] for name in ways}

        async def timed(name: str, key: int) -> None:
            started = time.perf_counter()
            await ways[name](key % LOCATIONS + 1)
            took[name].append(time.perf_counter() - started)

        for turn in range(rounds):
            for name in ways:
                before = time.process_time()
                if at_once == 1:
                    for key in range(PER_ROUND):
                        await timed(name, turn * 7 + key)
                else:
                    await asyncio.gather(*(timed(name, turn * 7 + key) for key in range(at_once)))
                cpu[name].append((time.process_time() - before) / (PER_ROUND if at_once == 1 else at_once))
        say(f"\n{at_once} at once, {count} connection{'s' if count > 1 else ''}")
        say(f"{'':24}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'CPU ratio':>11}")
        least = statistics.median(cpu["lane, driver pq"])
        for name in ways:
            times, work = sorted(took[name]), statistics.median(cpu[name])
            p50, p99 = times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3
            say(f"{name:24}{p50:9.3f}{p99:9.3f}{work * 1e3:9.3f}{work / least:11.2f}")


def say(line: str) -> None:
    """Print ``line``."""
    sys.stdout.write(line + "\n")


def main() -> None:
    """Make the tables, measure one at once and many at once, drop the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database_url")
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    with psycopg.connect(asked.database_url, autocommit=True) as admin:
        admin.execute(TABLES)
        server = admin.info.parameter_status("server_version")
    say(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.machine()}")
    versions = f"psycopg {psycopg.__version__}, asyncpg {asyncpg.__version__}"
    say(f"Python {platform.python_version()}, PostgreSQL {server}, {versions}")
    say(f"{LOCATIONS} locations of {ITEMS} items; 7 statements and 426 rows per operation; {asked.rounds} rounds")
    gc.freeze()
    try:
        asyncio.run(measure(asked.database_url, asked.rounds, 1, 1))
        asyncio.run(measure(asked.database_url, asked.rounds, 3, AT_ONCE))
    finally:
        with psycopg.connect(asked.database_url, autocommit=True) as admin:
            admin.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


if __name__ == "__main__":
    main()
