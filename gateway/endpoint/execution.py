"""Running one operation: through a plan where there is one, through the resolvers otherwise."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gateway.endpoint.errors import Phase, RequestError, public_error
from gateway.endpoint.requests import GraphQLRequest
from gateway.endpoint.responses import Answer
from loaders.context import OperationContext
from loaders.errors import StoreError
from loaders.failed import FailedSession
from loaders.lanes import Lanes
from loaders.session import ReadSession
from plans.engine import PlanEngine
from plans.explain import explain


class Execution:
    """Runs the operations of ``schema``. plans: the engine that is asked first, None to leave it out.

    may_explain: whether a request may ask how it was executed, with ``{"plan": true}`` in its extensions.
    """

    def __init__(
        self, schema: strawberry.Schema, lanes: Lanes, plans: PlanEngine | None = None, *, may_explain: bool = False
    ) -> None:
        self.schema = schema
        self.lanes = lanes
        self.plans = plans
        self.may_explain = may_explain

    async def run(self, request: GraphQLRequest) -> Answer:
        """Execute the request's operation in a snapshot of its own.

        Raises ``RequestError`` where none can be chosen.
        """
        choose_operation(request)
        if self.plans is None:
            return await self.resolve(request, ReadSession(self.lanes))
        if self.may_explain and request.extensions and request.extensions.get("plan") is True:
            return await self.explain(self.plans, request)
        return await self.answer(self.plans, request)

    async def answer(self, plans: PlanEngine, request: GraphQLRequest) -> Answer:
        """The answer, by a plan if possible."""
        try:
            found = await plans.answer(request.query, request.variables, request.operation_name)
        except StoreError as error:
            return await self.resolve(request, FailedSession(self.lanes, error))
        if found is not None:
            return Answer(found, executed=True)
        return await self.resolve(request, ReadSession(self.lanes))

    async def explain(self, plans: PlanEngine, request: GraphQLRequest) -> Answer:
        """The answer with ``extensions.plan``. The statements run again, one by one, to be timed."""
        answer = await self.answer(plans, request)
        payload = orjson.loads(answer.payload) if isinstance(answer.payload, bytes) else answer.payload
        if answer.executed:
            try:
                found = await explain(plans, self.lanes, request.query, request.variables, request.operation_name)
            except StoreError:
                return answer
            payload = {**payload, "extensions": {"plan": found.payload()}}
        return Answer(payload, executed=answer.executed)

    async def resolve(self, request: GraphQLRequest, session: ReadSession) -> Answer:
        """Execute through the resolvers, which read in ``session``."""
        async with session:
            result = await self.schema.execute(
                request.query,
                variable_values=request.variables,
                operation_name=request.operation_name,
                context_value=OperationContext(session),
            )
        errors = result.errors or []
        phase = phase_of(result)
        payload: dict[str, Any] = {"data": result.data} if phase is Phase.EXECUTION else {}
        if errors:
            payload["errors"] = [public_error(error, phase) for error in errors]
        return Answer(payload, executed=phase is Phase.EXECUTION)


def phase_of(result: ExecutionResult) -> Phase:
    """How far the operation came. Variables that do not coerce give errors without a path, and no data."""
    if isinstance(result, PreExecutionError):
        return Phase.DOCUMENT
    if result.data is not None or any(error.path for error in result.errors or []):
        return Phase.EXECUTION
    return Phase.VARIABLES


def choose_operation(request: GraphQLRequest) -> None:
    """Check that the request names exactly one operation, a query. Execution reports what does not parse."""
    try:
        operations = operations_of(request.query)
    except (GraphQLError, RecursionError):
        return
    named = [kind for name, kind in operations if request.operation_name in (None, name)]
    if not operations:
        raise RequestError(400, "BAD_REQUEST", "the document has no operation")
    if request.operation_name is not None and not named:
        raise RequestError(
            400, "OPERATION_RESOLUTION_FAILURE", f"the document has no operation {request.operation_name!r}"
        )
    if len(named) > 1:
        raise RequestError(400, "OPERATION_RESOLUTION_FAILURE", "the document has several operations: name one")
    if named[0] is not OperationType.QUERY:
        raise RequestError(
            405 if request.by_get else 400,
            "OPERATION_NOT_SUPPORTED",
            f"this gateway reads only, it runs no {named[0].value}",
        )


@lru_cache(maxsize=256)
def operations_of(text: str) -> tuple[tuple[str | None, OperationType], ...]:
    """Name and type of every operation of a document. Raises ``GraphQLError`` where it does not parse."""
    return tuple(
        (definition.name.value if definition.name else None, definition.operation)
        for definition in parse(text).definitions
        if isinstance(definition, OperationDefinitionNode)
    )
