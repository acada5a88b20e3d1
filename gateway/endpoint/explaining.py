"""``extensions.plan``: how an operation is executed. It runs again for that, statement by statement."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from gateway.endpoint.execution import Execution, Task
from gateway.endpoint.resolving import PreparedContext
from gateway.endpoint.responses import Answer, extended
from loaders.errors import StoreError
from loaders.lanes import Lanes
from loaders.recording import recording
from loaders.session import ReadSession
from loaders.stamps import Tracking
from loaders.statement import Statement
from plans.cacheable import uncacheable
from plans.explain import ExplainedStatement, Explanation, explain

PLANS_OFF = "plans are off"


class TimedSession(ReadSession):
    """A read session that keeps what each of its statements brought: in ``ran``, in the order in which they ran."""

    def __init__(self, lanes: Lanes, *, tracking: Tracking | None = None) -> None:
        super().__init__(lanes, tracking=tracking)
        self.ran: list[ExplainedStatement] = []
        self._alone = asyncio.Lock()

    async def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement, timed without what waits before it."""
        await self.begin()
        async with self._alone:
            started = time.perf_counter()
            with recording() as recorded:
                found = await super().rows(statement, values)
            milliseconds = round((time.perf_counter() - started) * 1000, 3)
        paths = ", ".join(sorted({path for sent in recorded.statements for path in sent.paths}))
        self.ran.append(resolved(statement, paths, len(found), milliseconds))
        return found


def resolved(statement: Statement, path: str, rows: int, milliseconds: float) -> ExplainedStatement:
    """One statement that resolvers have sent. path: of the fields that it was for."""
    return ExplainedStatement(
        path=path,
        fetch="",
        type="",
        depth=path.count("."),
        keyed_by=None,
        sql=statement.text.replace("%%", "%"),
        rows=rows,
        milliseconds=milliseconds,
    )


async def with_plan(execution: Execution, task: Task, answer: Answer) -> Answer:
    """The answer with ``extensions.plan``, without it where the store fails meanwhile."""
    if not answer.executed:
        return answer
    try:
        found, kept = await explanation(execution, task)
    except StoreError:
        return answer
    return extended(answer, plan={**found.payload(), "uncacheable": kept})


async def explanation(execution: Execution, task: Task) -> tuple[Explanation, str | None]:
    """How the operation is executed, and why its answer cannot be kept, None where it may or where nobody looked.

    Raises ``StoreError``.
    """
    request, operation = task.request, task.operation
    name = operation.name if operation is not None else request.operation_name
    found = Explanation(name or "", "resolvers", PLANS_OFF)
    if execution.plans is not None:
        found = await explain(
            execution.plans,
            execution.lanes,
            task.document.text,
            request.variables,
            request.operation_name,
            viewer=task.viewer,
        )
    reason = None
    if task.document.node is not None:
        reason = uncacheable(execution.schema, task.document.node, request.operation_name)
    if found.by == "plan":
        return found, reason or await kept_by_plan(execution, task)
    session = TimedSession(execution.lanes, tracking=execution.tracking if reason is None else None)
    await execute(execution, task, session)
    found.statements = session.ran
    return found, reason or (session.noted.uncacheable if session.noted is not None else None)


async def kept_by_plan(execution: Execution, task: Task) -> str | None:
    """Why the answer of an operation that has a plan cannot be kept, as far as only running it tells."""
    plans, operation = execution.plans, task.operation
    if plans is None or operation is None or operation.plan is None or execution.tracking is None:
        return None
    found = await plans.run_prepared(operation.plan, task.request.variables, viewer=task.viewer, stamp=True)
    return None if found is None else found.uncacheable


async def execute(execution: Execution, task: Task, session: ReadSession) -> None:
    """Run the operation through the resolvers for what its session tells. Its result is nobody's."""
    request = task.request
    # Only while somebody records do loaders note for which fields they load.
    with recording():
        async with session:
            await execution.seen_by(task).execute(
                task.document.text,
                variable_values=request.variables,
                operation_name=request.operation_name,
                context_value=PreparedContext(session, viewer=task.viewer, document=task.document.node),
            )
            await session.stamp()
