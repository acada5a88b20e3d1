"""Candidates: what is compared with the reference."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loaders.pipelines.lanes import PipelineLanes
from plans.engine import PlanEngine
from tests.equality.application import Application
from tests.equality.comparing import Candidate, Reference


@asynccontextmanager
async def reference_itself(
    application: Application, database_url: str, reference: Reference
) -> AsyncIterator[Candidate]:
    """The reference as its own candidate."""
    yield reference


@asynccontextmanager
async def plans(application: Application, database_url: str, reference: Reference) -> AsyncIterator[Candidate]:
    """The plan engine, on lanes of its own."""
    lanes = PipelineLanes(database_url, count=2)
    await lanes.open()
    try:
        yield PlanEngine(application.schema, lanes)
    finally:
        await lanes.close()
