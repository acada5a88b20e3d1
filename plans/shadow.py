"""Shadow mode: a share of the operations is also executed by the resolvers, in the background, and compared.

The plan's pipeline exports its snapshot; the resolvers read in the same snapshot, at the same instant. A difference
disables the operation's plans and logs both answers: later requests take the resolver path.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import orjson
import strawberry
import structlog
from graphql import Undefined

from loaders.context import OperationContext
from loaders.errors import LarderError, StoreError
from loaders.session import ReadSession
from plans.answers import PlanAnswer, as_reported, fold

if TYPE_CHECKING:
    from datetime import datetime

    from graphql.execution.values import VariableValues

    from loaders.lanes import Lanes
    from loaders.pipelines.lanes import PipelineLanes
    from plans.binding import Binding
    from plans.operations import Operation
    from plans.plan import Plan, PlanCalls

log = structlog.get_logger(__name__)

AT_ONCE = 2
"""Comparisons that run at once, each on a lane of either kind; requests beyond are not compared."""

DIFFERENT = "its answer differed from the resolvers'"


class Shadow:
    """Compares ``share`` (0 to 1) of the operations. compared, different: how many so far."""

    def __init__(self, schema: strawberry.Schema, plan_lanes: PipelineLanes, lanes: Lanes, *, share: float) -> None:
        self.schema = schema
        self.plan_lanes = plan_lanes
        self.lanes = lanes
        self.share = share
        self.compared = 0
        self.different = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def chooses(self) -> bool:
        """Whether the next operation is compared."""
        return len(self._tasks) < AT_ONCE and random.random() < self.share  # noqa: S311 - a sample, not a secret

    async def answer(
        self,
        operation: Operation,
        variables: VariableValues,
        plan: Plan,
        binding: Binding,
        instant: datetime | None,
        *,
        stamp: bool = False,
    ) -> PlanAnswer:
        """The plan's answer, as bytes; the comparison goes on in the background. Raises as ``Groups.answer`` does."""
        answered: asyncio.Future[PlanAnswer] = asyncio.get_running_loop().create_future()
        work = self._work(operation, variables, plan, binding, instant, answered, stamp=stamp)
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(answered)

    async def settled(self) -> None:
        """Wait for the comparisons at work."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _work(
        self,
        operation: Operation,
        variables: VariableValues,
        plan: Plan,
        binding: Binding,
        instant: datetime | None,
        answered: asyncio.Future[PlanAnswer],
        *,
        stamp: bool,
    ) -> None:
        sent: list[PlanCalls] = []

        def make() -> Any:
            sent.append(plan.calls(binding, [binding.lookups], instant, stamp=stamp))
            return sent[-1].calls

        try:
            async with AsyncExitStack() as held:
                started = time.perf_counter()
                results, snapshot = await held.enter_async_context(self.plan_lanes.hold(make))
                db_seconds = time.perf_counter() - started
                folded = await fold(plan, binding, sent[-1], results, to_bytes=True, stamp=stamp, db_seconds=db_seconds)
                answer = folded.answer(binding.lookups, 1)
                answered.set_result(answer)
                async with ReadSession(self.lanes, instant=answer.instant, snapshot=snapshot) as session:
                    await session.begin()
                    await held.aclose()
                    await self._compare(
                        operation, variables, answer.body, OperationContext(session, viewer=binding.viewer)
                    )
        except Exception as error:  # noqa: BLE001 - told to the request, or to the log once it is answered
            if not answered.done():
                answered.set_exception(as_reported(error))
                return
            log.warning("shadow comparison failed", operation=operation.name, error=repr(error))

    async def _compare(
        self, operation: Operation, variables: VariableValues, body: bytes | None, context: OperationContext
    ) -> None:
        given = given_variables(variables)
        text = operation.text
        if text is None:
            raise LarderError("the operation's document is not known")
        result = await self.schema.execute(
            text,
            variable_values=given,
            operation_name=operation.definition.name.value if operation.definition.name else None,
            context_value=context,
        )
        for error in result.errors or []:
            if isinstance(error.original_error, StoreError):
                raise error.original_error
        reference = orjson.dumps({"data": result.data})
        self.compared += 1
        if reference == body and not result.errors:
            return
        self.different += 1
        operation.disabled = DIFFERENT
        log.error(
            "plan differs from the resolvers",
            operation=operation.name,
            document=text,
            variables=given,
            plan=body,
            resolvers=reference,
            errors=[error.message for error in result.errors or []],
        )


def given_variables(variables: VariableValues) -> dict[str, Any]:
    """The variables as the request gave them; without sources, they are what they were coerced to."""
    if not variables.sources:
        return dict(variables.coerced)
    return {name: source.value for name, source in variables.sources.items() if source.value is not Undefined}
