"""An engine on lanes of its own, beside the resolver path that it has to equal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import strawberry

from loaders.context import OperationContext
from loaders.lanes import Lanes
from loaders.pipelines.calls import MakeCalls, Rows
from loaders.pipelines.lanes import PipelineLanes
from loaders.session import ReadSession
from plans.engine import PlanEngine
from plans.shadow import Shadow
from schema.root import schema as shipped


@dataclass(frozen=True, slots=True)
class Planning:
    """``engine`` on ``plan_lanes``; the resolver path reads on ``lanes``."""

    engine: PlanEngine
    plan_lanes: PipelineLanes
    lanes: Lanes

    async def answer(self, query: str, **variables: Any) -> bytes | None:
        return await self.engine.answer(query, variables)

    async def reference(self, query: str, **variables: Any) -> bytes:
        """The bytes of the resolver path's data; its errors must be none."""
        async with ReadSession(self.lanes) as session:
            result = await self.engine.schema.execute(
                query, variable_values=variables, context_value=OperationContext(session)
            )
        assert not result.errors, result.errors
        return orjson.dumps({"data": result.data})

    @property
    def shadow(self) -> Shadow:
        assert self.engine.shadow is not None
        return self.engine.shadow


class Gate:
    """Lanes that nobody gets until the gate opens. asked: how often a pipeline was wanted."""

    def __init__(self, lanes: PipelineLanes) -> None:
        self.lanes = lanes
        self.opened = asyncio.Event()
        self.asked = 0

    async def run(self, make: MakeCalls) -> list[Rows]:
        self.asked += 1
        await self.opened.wait()
        return await self.lanes.run(make)


class Slow:
    """Lanes that send nothing until the gate opens, though a request is on its lane."""

    def __init__(self, lanes: PipelineLanes) -> None:
        self.lanes = lanes
        self.opened = asyncio.Event()

    async def run(self, make: MakeCalls) -> list[Rows]:
        calls = make()
        await self.opened.wait()
        return await self.lanes.run(lambda: calls)


class Failing:
    """Lanes that fail ``times`` times before anything is sent, then work."""

    def __init__(self, lanes: PipelineLanes, error: Exception, times: int = 1) -> None:
        self.lanes = lanes
        self.error = error
        self.times = times

    async def run(self, make: MakeCalls) -> list[Rows]:
        await asyncio.sleep(0)
        if self.times:
            self.times -= 1
            raise self.error
        return await self.lanes.run(make)


@asynccontextmanager
async def planning(
    database_url: str,
    *,
    schema: strawberry.Schema = shipped,
    count: int = 2,
    share: float | None = None,
    lanes: Lanes | None = None,
    **options: Any,
) -> AsyncIterator[Planning]:
    """An engine with ``count`` lanes of each kind. share: of the operations that a shadow compares, on ``lanes``."""
    plan_lanes = PipelineLanes(database_url, count=count, wait_seconds=3)
    lanes = lanes or Lanes(database_url, count=count, wait_seconds=3)
    await plan_lanes.open()
    await lanes.open()
    try:
        shadow = None if share is None else Shadow(schema, plan_lanes, lanes, share=share)
        yield Planning(PlanEngine(schema, plan_lanes, shadow=shadow, **options), plan_lanes, lanes)
        if shadow is not None:
            await shadow.settled()
    finally:
        await plan_lanes.close()
        await lanes.close()


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until something is so, five seconds at most."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came to be")


async def all_free(lanes: PipelineLanes) -> None:
    """Take every lane at once: fails where one was not given back."""

    async def hold(others: Sequence[asyncio.Event], held: asyncio.Event) -> None:
        async with lanes.hold(list):
            held.set()
            for other in others:
                await other.wait()

    held = [asyncio.Event() for _ in range(lanes.count)]
    await asyncio.gather(*(hold(held, event) for event in held))
