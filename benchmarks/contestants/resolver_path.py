"""The shipped schema on graphql-core: the reference."""

from __future__ import annotations

import orjson

from benchmarks.operations import Operation, Variables
from loaders.context import OperationContext
from loaders.lanes import Lanes
from loaders.session import ReadSession
from schema.root import schema

WAIT_SECONDS = 600.0


class ResolverPath:
    """A read session an operation, on as many lanes as there are connections."""

    def __init__(self, database_url: str, connections: int) -> None:
        self.statements = 0
        self._lanes = Lanes(database_url, count=connections, wait_seconds=WAIT_SECONDS)

    async def open(self) -> None:
        await self._lanes.open()

    async def close(self) -> None:
        await self._lanes.close()

    async def answer(self, operation: Operation, variables: Variables) -> bytes:
        async with ReadSession(self._lanes) as session:
            result = await schema.execute(
                operation.text, variable_values=variables, context_value=OperationContext(session)
            )
        if result.errors:
            raise result.errors[0]
        self.statements += session.statements
        return orjson.dumps({"data": result.data})
