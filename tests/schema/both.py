"""Asks the shipped schema by a plan and by the resolvers, which must agree in bytes and in how long these last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import psycopg

from loaders.context import OperationContext
from loaders.session import ReadSession
from loaders.stamps import Tracking
from loaders.viewer import ANONYMOUS, Viewer
from sync.tracking import tracked_tables
from tests.plans.planning import Planning, planning


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered, until when the clock leaves it alone, and how many statements it took."""

    data: Any
    changes_at: datetime | None
    statements: int


@dataclass(frozen=True, slots=True)
class Both:
    """Both executors over one store."""

    planning: Planning
    tracking: Tracking

    async def __call__(
        self, query: str, instant: datetime | None = None, viewer: Viewer = ANONYMOUS, **variables: Any
    ) -> Told:
        async with ReadSession(self.planning.lanes, instant=instant, tracking=self.tracking) as session:
            result = await self.planning.engine.schema.execute(
                query, variable_values=variables, context_value=OperationContext(session, viewer=viewer)
            )
            assert not result.errors, result.errors
            stamp, statements = await session.stamp(), session.statements
            assert stamp is not None, session.noted and session.noted.uncacheable
        planned = await self.planning.engine.execute(query, variables, instant=stamp.instant, viewer=viewer, stamp=True)
        assert planned is not None, self.planning.engine.counters
        assert planned.body == orjson.dumps({"data": result.data})
        assert planned.stamp is not None
        assert planned.stamp.changes_at == stamp.changes_at
        return Told(result.data, stamp.changes_at, statements)


@asynccontextmanager
async def both(database_url: str) -> AsyncIterator[Both]:
    """Both executors, on lanes of their own."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        tracking = Tracking("larder_head", await tracked_tables(connection))
    async with planning(database_url, heads_table="larder_head", tracking=tracking) as made:
        yield Both(made, tracking)
