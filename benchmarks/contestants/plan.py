"""Compiled plans."""

from __future__ import annotations

from typing import Any

from benchmarks.operations import Operation, Variables
from loaders.pipelines.lanes import PipelineLanes
from plans.engine import PlanEngine
from schema.root import schema

WAIT_SECONDS = 600.0


class NotPlanned(Exception):
    """The operation has to take the resolver path, so that the plan cannot be measured."""


class Plan:
    """The plan engine over the shipped schema."""

    def __init__(self, database_url: str, connections: int) -> None:
        self._lanes = PipelineLanes(database_url, count=connections, wait_seconds=WAIT_SECONDS)
        self.engine: Any = PlanEngine(schema, self._lanes, deadline_seconds=WAIT_SECONDS)

    @property
    def statements(self) -> int:
        """Those the engine counted: a batch group of several requests counts once."""
        return int(self.engine.counters.statements)

    async def open(self) -> None:
        await self._lanes.open()

    async def close(self) -> None:
        await self._lanes.close()

    async def answer(self, operation: Operation, variables: Variables) -> bytes:
        body: bytes | None = await self.engine.answer(operation.text, variables)
        if body is None:
            counters = self.engine.counters
            raise NotPlanned(f"{operation.title}: {dict(counters.not_compilable)} {dict(counters.deopts)}")
        return body
