"""Gateways inside the test's process: the real endpoint with lanes, timeouts and counters that a test can reach."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from gateway.endpoint.answering import Answering
from gateway.endpoint.execution import Execution
from gateway.endpoint.graphql import GraphQLEndpoint
from loaders.lanes import Lanes
from loaders.pipelines.lanes import PipelineLanes
from plans.engine import PlanEngine
from schema.root import schema
from sync.models import Head
from tests.acceptance.load import Question


@dataclass(frozen=True, slots=True)
class Gateway:
    """``client`` asks the gateway, ``reference`` one that has resolvers only."""

    client: httpx2.AsyncClient
    reference: httpx2.AsyncClient
    engine: PlanEngine
    lanes: Lanes
    plan_lanes: PipelineLanes

    async def answered(self, questions: Sequence[Question]) -> list[Question]:
        """The questions with the answers that the resolvers give at rest; plans are checked to give the same."""
        known = []
        for question in questions:
            expected = (await self.reference.post("/graphql", json=question.json)).content
            assert (await self.client.post("/graphql", json=question.json)).content == expected
            known.append(replace(question, expected=expected))
        return known


@asynccontextmanager
async def gateway(
    database_url: str,
    *,
    lanes: int = 4,
    wait_seconds: float = 5.0,
    statement_timeout_ms: int = 10_000,
    pooled: bool = False,
) -> AsyncIterator[Gateway]:
    """A gateway with ``lanes`` lanes of either kind."""
    options: dict[str, Any] = {
        "count": lanes,
        "wait_seconds": wait_seconds,
        "statement_timeout_ms": statement_timeout_ms,
        "pooled": pooled,
    }
    resolver_lanes, plan_lanes = Lanes(database_url, **options), PipelineLanes(database_url, **options)
    engine = PlanEngine(schema, plan_lanes, heads_table=Head._meta.db_table)
    await resolver_lanes.open()
    await plan_lanes.open()
    try:
        async with (
            client_of(Execution(schema, resolver_lanes, engine)) as client,
            client_of(Execution(schema, resolver_lanes)) as reference,
        ):
            yield Gateway(client, reference, engine, resolver_lanes, plan_lanes)
    finally:
        await plan_lanes.close()
        await resolver_lanes.close()


def client_of(execution: Execution) -> httpx2.AsyncClient:
    endpoint: Any = GraphQLEndpoint(Answering(execution))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=endpoint), base_url="http://larder", timeout=60)
