"""Runs each operation on the reference and on a candidate, and compares the bytes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from loaders.lanes import Lanes
from loaders.session import ReadSession
from loaders.viewer import ANONYMOUS, Viewer
from tests.equality.application import Application
from tests.equality.operation import Operation
from tests.equality.tally import Difference, Tally

CANCELLED = "cancelled from within: a refused value in one branch cancelled a load that another one waits for"


class Candidate(Protocol):
    """What has to give the reference's bytes, or None where it leaves the operation to the reference."""

    async def answer(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        instant: datetime | None = None,
        viewer: Viewer = ANONYMOUS,
    ) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reference answers. ``body``: of an operation with errors, with their messages."""

    data: Any
    errors: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reference:
    """The resolver path, each operation in a read session of its own."""

    application: Application
    lanes: Lanes

    async def ask(self, operation: Operation, instant: datetime) -> Answer:
        try:
            result = await self.execute(operation, instant)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return Answer(None, (CANCELLED,), b"")
        errors = tuple(error.message for error in result.errors or [])
        body = {"data": result.data, "errors": errors} if errors else {"data": result.data}
        return Answer(result.data, errors, orjson.dumps(body))

    async def execute(self, operation: Operation, instant: datetime) -> Any:
        async with ReadSession(self.lanes, instant=instant) as session:
            return await self.application.schema.execute(
                operation.document,
                variable_values=dict(operation.variables),
                context_value=self.application.context(session, operation.viewer),
                operation_name=operation.name,
            )

    async def answer(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        instant: datetime | None = None,
        viewer: Viewer = ANONYMOUS,
    ) -> bytes | None:
        """The reference as a candidate: None for an operation with errors."""
        assert instant is not None
        answer = await self.ask(Operation(query, variables or {}, operation_name, viewer), instant)
        return None if answer.errors else answer.body


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate beside the reference, over the same rows, at the same instant."""

    reference: Reference
    candidate: Candidate
    instant: datetime

    async def run(self, operation: Operation, tally: Tally) -> None:
        """Compare one operation and note in ``tally`` what came of it."""
        answer, found = await self.both(operation)
        tally.note(answer.data, failed=bool(answer.errors), answered=found is not None)
        tally.cancelled += CANCELLED in answer.errors
        if found is not None and found != answer.body:
            tally.differences.append(Difference(operation, answer.body, found))

    async def difference(self, operation: Operation) -> Difference | None:
        """The difference of one operation, if there is any; noted nowhere."""
        answer, found = await self.both(operation)
        return Difference(operation, answer.body, found) if found is not None and found != answer.body else None

    async def both(self, operation: Operation) -> tuple[Answer, bytes | None]:
        """The reference's answer and the candidate's."""
        answer = await self.reference.ask(operation, self.instant)
        variables = dict(operation.variables)
        found = await self.candidate.answer(
            operation.document, variables, operation.name, instant=self.instant, viewer=operation.viewer
        )
        return answer, found
