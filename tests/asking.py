"""Asks the shipped schema in process, in a read session of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loaders.context import OperationContext
from loaders.lanes import Lanes
from loaders.session import ReadSession
from schema.root import schema


@dataclass(frozen=True, slots=True)
class Answered:
    """A GraphQL result and what it cost."""

    data: dict[str, Any] | None
    errors: list[str]
    statements: int


@dataclass(frozen=True, slots=True)
class Asker:
    """Runs operations on ``lanes``."""

    lanes: Lanes

    async def __call__(self, query: str, *, instant: datetime | None = None, **variables: Any) -> Answered:
        async with ReadSession(self.lanes, instant=instant) as session:
            result = await schema.execute(query, variable_values=variables, context_value=OperationContext(session))
        return Answered(result.data, [error.message for error in result.errors or []], session.statements)


@asynccontextmanager
async def asking(database_url: str, count: int = 4) -> AsyncIterator[Asker]:
    """An asker with lanes of its own."""
    lanes = Lanes(database_url, count=count)
    await lanes.open()
    try:
        yield Asker(lanes)
    finally:
        await lanes.close()
