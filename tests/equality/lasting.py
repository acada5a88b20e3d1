"""Whether answers last as long as their stamps say: the same bytes at every instant before ``changes_at``."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg
from graphql import parse

from loaders.lanes import Lanes
from loaders.pipelines.lanes import PipelineLanes
from loaders.session import ReadSession
from loaders.stamps import Stamp, Tracking
from plans.cacheable import uncacheable
from plans.engine import PlanEngine
from sync.tracking import tracked_tables
from tests.equality.application import Application
from tests.equality.comparing import Reference
from tests.equality.generated import each, operations
from tests.equality.operation import Operation
from tests.equality.pages import with_pages
from tests.equality.stored import Stored

HEADS = "larder_head"
LOOKS = 4
"""Instants before the change at which each answer is looked at again, by either executor."""

MICROSECOND = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Told:
    """One executor's answer. stamp: None where it cannot be kept."""

    body: bytes
    stamp: Stamp | None
    why: str | None = None


@dataclass(slots=True)
class Lasting:
    """What came of it. kept: answers with a stamp, by executor. moving: those that the clock changes some time;
    sharp: of these, how many really are other bytes at that instant. wrong: what was told wrongly, short ones first.
    """

    total: int = 0
    failed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    kept: dict[str, int] = field(default_factory=lambda: {"plan": 0, "resolvers": 0})
    moving: int = 0
    sharp: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.total} operations, {self.failed} with errors, not to be kept: {dict(self.refused)};"
            f" kept {self.kept}, {self.moving} change by the clock, {self.sharp} at the very instant;"
            f" {len(self.wrong)} wrong\n\n" + "\n\n".join(sorted(self.wrong, key=len)[:3])
        )


class Watch:
    """Both executors over one store, at instants of our choice."""

    def __init__(self, application: Application, engine: PlanEngine, lanes: Lanes, tracking: Tracking) -> None:
        self.application = application
        self.engine = engine
        self.lanes = lanes
        self.tracking = tracking

    async def by_plan(self, operation: Operation, instant: datetime) -> Told | None:
        found = await self.engine.execute(
            operation.document,
            dict(operation.variables),
            operation.name,
            instant=instant,
            viewer=operation.viewer,
            stamp=True,
        )
        return None if found is None or found.body is None else Told(found.body, found.stamp)

    async def by_resolvers(self, operation: Operation, instant: datetime) -> Told | None:
        """None for an operation with errors."""
        async with ReadSession(self.lanes, instant=instant, tracking=self.tracking) as session:
            result = await self.application.schema.execute(
                operation.document,
                variable_values=dict(operation.variables),
                context_value=self.application.context(session, operation.viewer),
                operation_name=operation.name,
            )
            if result.errors:
                return None
            stamp = await session.stamp()
            return Told(
                orjson.dumps({"data": result.data}), stamp, session.noted.uncacheable if session.noted else None
            )

    async def check(
        self, operation: Operation, dice: random.Random, at: Sequence[Sequence[datetime]], found: Lasting
    ) -> None:
        """Answer once, then at instants until the change."""
        found.total += 1
        start = dice.choice(dice.choice(at)) + dice.choice(
            (-MICROSECOND, timedelta(0), MICROSECOND, timedelta(minutes=7))
        )
        resolvers = await self.by_resolvers(operation, start)
        if resolvers is None:
            found.failed += 1
            return
        why = uncacheable(self.application.schema, parse(operation.document), operation.name)
        plan = await self.by_plan(operation, start)
        for name, told in (("plan", plan), ("resolvers", resolvers)):
            if told is None or told.stamp is None or (why is not None and name == "resolvers"):
                continue
            found.kept[name] += 1
            await self.look(name, operation, told, dice, at, found)
        if why is not None:
            found.refused[why.partition(": ")[2]] += 1
        elif resolvers.why is not None:
            found.wrong.append(f"{operation}\nmay not be kept, which its document does not tell: {resolvers.why}")

    async def look(
        self,
        name: str,
        operation: Operation,
        told: Told,
        dice: random.Random,
        at: Sequence[Sequence[datetime]],
        found: Lasting,
    ) -> None:
        """Look again, by the same executor."""
        stamp = told.stamp
        assert stamp is not None
        again: Callable[[Operation, datetime], Any] = self.by_plan if name == "plan" else self.by_resolvers
        for instant in instants(stamp, dice, at):
            later = await again(operation, instant)
            if later is None or later.body != told.body:
                found.wrong.append(
                    f"{operation}\n{name}: at {stamp.instant}, lasting until {stamp.changes_at}, other at {instant}"
                )
                return
        if stamp.changes_at is not None:
            found.moving += 1
            later = await again(operation, stamp.changes_at)
            found.sharp += later is not None and later.body != told.body


def instants(stamp: Stamp, dice: random.Random, at: Sequence[Sequence[datetime]]) -> Iterator[datetime]:
    """Instants at which an answer with this stamp must be the same: the last one, and some at which others change."""
    end = stamp.changes_at
    within = sorted(
        {instant for cause in at for instant in cause if stamp.instant < instant and (end is None or instant < end)}
    )
    if end is not None and end - MICROSECOND > stamp.instant:
        yield end - MICROSECOND
    # What is missed first is missed most.
    yield from within[:2]
    yield from dice.sample(within[2:], min(LOOKS - 3, len(within[2:])))


def watch(
    application: Application,
    database_url: str,
    stored: Stored,
    boundaries: Sequence[str],
    *,
    count: int,
    seed: int = 0,
) -> Lasting:
    """Check ``count`` generated operations. boundaries: SQL of the instants at which
    something stored may change, for each cause of change."""
    found, dice = Lasting(), random.Random(seed)  # noqa: S311 - the same instants every time
    with psycopg.connect(database_url, options="-c timezone=UTC") as connection:
        at = [[instant for (instant,) in connection.execute(sql.encode()).fetchall()] for sql in boundaries]
    with asyncio.Runner() as runner:
        lanes, plan_lanes = Lanes(database_url, count=2), PipelineLanes(database_url, count=2)
        runner.run(lanes.open())
        runner.run(plan_lanes.open())
        tracking = Tracking(HEADS, runner.run(tracked(database_url)))
        engine = PlanEngine(application.schema, plan_lanes, heads_table=HEADS, tracking=tracking)
        watched, reference = Watch(application, engine, lanes, tracking), Reference(application, lanes)

        async def ask(operation: Operation) -> Mapping[str, Any] | None:
            data: Mapping[str, Any] | None = (await reference.ask(operation, application.instant)).data
            return data

        stored = runner.run(with_pages(application.schema._schema, stored, ask))
        strategy = operations(application, stored)
        each(strategy, count, seed, lambda operation: runner.run(watched.check(operation, dice, at, found)))
        runner.run(plan_lanes.close())
        runner.run(lanes.close())
    return found


async def tracked(database_url: str) -> dict[str, tuple[str, ...]]:
    """Which tables are tracked."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        return await tracked_tables(connection)
