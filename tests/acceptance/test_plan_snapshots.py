"""No plan's answer mixes two publishes, and no batch group does, however often the store is published to."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from loaders.pipelines.lanes import Driver, PipelineLanes
from plans.engine import PlanEngine
from schema.root import schema
from sync.models import Head
from tests.acceptance.publishing import NAMES, Board, in_order, publishing
from tests.acceptance.versions import STOREFRONT, VALUES, versions_in
from tests.pgbouncer import needs_pgbouncer, pgbouncer

READS = int(os.environ.get("SNAPSHOT_PLAN_READS", "4000"))
PUBLISHES_PER_SECOND = 20

MIXTURE = ((1, True, 0.1), (8, True, 0.3), (64, True, 0.4), (64, False, 0.2))
"""Readers at once, whether requests may share pipelines, and the share of the reads."""


@dataclass
class Seen:
    """What the reads showed. moments: instant of a snapshot -> location -> version in it."""

    versions: set[tuple[str, int]] = field(default_factory=set)
    torn: list[set[int]] = field(default_factory=list)
    older: list[tuple[int, int]] = field(default_factory=list)
    newer: list[tuple[int, int]] = field(default_factory=list)
    moments: dict[datetime, dict[str, set[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    def torn_groups(self) -> list[dict[str, set[int]]]:
        """Snapshots that several requests shared, and in which locations are not of one moment."""
        return [
            moment
            for moment in self.moments.values()
            if any(len(versions) > 1 for versions in moment.values())
            or not in_order({name: max(versions) for name, versions in moment.items()})
        ]


@asynccontextmanager
async def lanes_of(way: str, database_url: str) -> AsyncIterator[PipelineLanes]:
    """Three lanes."""
    driver: Driver = "psycopg" if way == "psycopg" else "pq"
    lanes = PipelineLanes(database_url, wait_seconds=60, driver=driver, pooled=way == "pooled")
    await lanes.open()
    try:
        yield lanes
    finally:
        await lanes.close()


async def read(engine: PlanEngine, name: str, board: Board, seen: Seen) -> None:
    least = board.published(name)
    answer = await engine.execute(STOREFRONT, {"slug": name})
    most = board.said(name)
    assert answer is not None, engine.counters
    assert answer.body is not None
    found = versions_in(orjson.loads(answer.body)["data"])
    seen.versions.update((name, version) for version in found)
    seen.moments[answer.instant][name] |= found
    if len(found) != 1:
        seen.torn.append(found)
    if min(found) < least:
        seen.older.append((min(found), least))
    if max(found) > most:
        seen.newer.append((max(found), most))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["pq", "psycopg", pytest.param("pooled", marks=needs_pgbouncer)])
async def test_no_plans_answer_mixes_two_publishes(store: str, tmp_path: Path, way: str) -> None:
    seen = Seen()
    lines = []

    async def readers(engine: PlanEngine, at_once: int, reads: int, board: Board) -> None:
        names = itertools.islice(itertools.cycle(NAMES), reads)

        async def reader() -> None:
            for name in names:
                await read(engine, name, board, seen)

        await asyncio.gather(*(reader() for _ in range(at_once)))

    pooler = pgbouncer(store, pool_size=2) if way == "pooled" else nullcontext(store)
    with publishing(tmp_path, PUBLISHES_PER_SECOND) as board, pooler as url:
        async with lanes_of(way, url) as lanes:
            started, before = time.monotonic(), board.total()
            for at_once, batching, share in MIXTURE:
                engine = PlanEngine(
                    schema, lanes, heads_table=Head._meta.db_table, deadline_seconds=60, batching=batching
                )
                began = time.monotonic()
                await readers(engine, at_once, int(READS * share), board)
                counters, rate = engine.counters, engine.counters.answered / (time.monotonic() - began)
                lines.append(
                    f"  {at_once} at once, groups {'on' if batching else 'off'}: {counters.answered} answers of"
                    f" {counters.pipelines} pipelines, {rate:.0f}/s"
                )
                assert counters.answered == int(READS * share)
        seconds, published = time.monotonic() - started, board.total() - before

    shared = [moment for moment in seen.moments.values() if len(moment) > 1]
    torn_groups = seen.torn_groups()
    lines.insert(
        0,
        f"{way}: {READS} plan reads of {VALUES} values in {seconds:.0f} s ({READS / seconds:.0f}/s) beside"
        f" {published / seconds:.1f} publishes/s ({published}): {len(seen.versions)} versions seen,"
        f" {len(seen.torn)} torn, {len(seen.older)} older than published, {len(seen.newer)} newer than said,"
        f" {len(torn_groups)} of {len(shared)} shared snapshots torn",
    )
    print(*lines, sep="\n")  # noqa: T201 - the figures that the test is run for
    assert seen.torn == []
    assert seen.older == []
    assert seen.newer == []
    assert torn_groups == []
    assert shared
    assert len(seen.versions) > 2 * len(NAMES)
