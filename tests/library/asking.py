"""Asks the library's schema in process, in a read session of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

from loaders.context import OperationContext
from loaders.lanes import Lanes
from loaders.session import ReadSession
from loaders.viewer import ANONYMOUS, Viewer
from tests.library.schema import schema as library_schema


@dataclass(frozen=True, slots=True)
class Answered:
    """A GraphQL result and what it cost."""

    data: Any
    errors: list[str]
    statements: int


@dataclass(frozen=True, slots=True)
class Asker:
    """Runs operations of ``viewer`` on ``lanes``."""

    lanes: Lanes
    schema: strawberry.Schema
    viewer: Viewer = ANONYMOUS

    async def __call__(self, query: str, *, instant: datetime | None = None, **variables: Any) -> Answered:
        async with ReadSession(self.lanes, instant=instant) as session:
            result = await self.schema.execute(
                query, variable_values=variables, context_value=OperationContext(session, viewer=self.viewer)
            )
        return Answered(result.data, [error.message for error in result.errors or []], session.statements)

    async def data(self, query: str, *, instant: datetime | None = None, **variables: Any) -> Any:
        """The data of an operation that has no errors."""
        answered = await self(query, instant=instant, **variables)
        assert not answered.errors, answered.errors
        return answered.data


@asynccontextmanager
async def asking(
    database_url: str, *, schema: strawberry.Schema = library_schema, viewer: Viewer = ANONYMOUS
) -> AsyncIterator[Asker]:
    """An asker with lanes of its own."""
    lanes = Lanes(database_url, count=2)
    await lanes.open()
    try:
        yield Asker(lanes, schema, viewer)
    finally:
        await lanes.close()
