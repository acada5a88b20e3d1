"""Running one operation: through a plan where there is one, through the resolvers otherwise."""

from __future__ import annotations

from typing import Any

import orjson
import strawberry
from graphql import OperationType
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gateway.endpoint.errors import Phase, RequestError, public_error
from gateway.endpoint.preparing import PreparedDocument, Preparer
from gateway.endpoint.requests import GraphQLRequest
from gateway.endpoint.resolving import PreparedContext, for_prepared
from gateway.endpoint.responses import Answer
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
        self.for_prepared = for_prepared(schema)
        self.lanes = lanes
        self.plans = plans
        self.may_explain = may_explain
        self.preparer = Preparer(schema, plans)

    async def run(self, request: GraphQLRequest, document: PreparedDocument) -> Answer:
        """Execute the request's operation of a document, in a snapshot of its own.

        Raises ``RequestError`` where none can be chosen.
        """
        chosen = choose_operation(request, document)
        if self.plans is None:
            return await self.resolve(request, document, ReadSession(self.lanes))
        if self.may_explain and request.extensions and request.extensions.get("plan") is True:
            return await self.explain(self.plans, request, document, chosen)
        return await self.answer(self.plans, request, document, chosen)

    async def answer(
        self, plans: PlanEngine, request: GraphQLRequest, document: PreparedDocument, chosen: str | None
    ) -> Answer:
        """The answer, by a plan if possible."""
        found, operation = None, document.plans.get(chosen)
        try:
            if operation is not None:
                found = await plans.answer_prepared(operation, request.variables)
        except StoreError as error:
            return await self.resolve(request, document, FailedSession(self.lanes, error))
        if found is not None:
            return Answer(found, executed=True)
        return await self.resolve(request, document, ReadSession(self.lanes))

    async def explain(
        self, plans: PlanEngine, request: GraphQLRequest, document: PreparedDocument, chosen: str | None
    ) -> Answer:
        """The answer with ``extensions.plan``. The statements run again, one by one, to be timed."""
        answer = await self.answer(plans, request, document, chosen)
        payload = orjson.loads(answer.payload) if isinstance(answer.payload, bytes) else answer.payload
        if answer.executed:
            try:
                found = await explain(plans, self.lanes, document.text, request.variables, request.operation_name)
            except StoreError:
                return answer
            payload = {**payload, "extensions": {"plan": found.payload()}}
        return Answer(payload, executed=answer.executed)

    async def resolve(self, request: GraphQLRequest, document: PreparedDocument, session: ReadSession) -> Answer:
        """Execute through the resolvers, which read in ``session``; once more where a table was rewritten meanwhile."""
        result, rewritten = await self.execute(request, document, session)
        if rewritten:
            result, _ = await self.execute(request, document, ReadSession(self.lanes))
        errors = result.errors or []
        phase = phase_of(result)
        payload: dict[str, Any] = {"data": result.data} if phase is Phase.EXECUTION else {}
        if errors:
            payload["errors"] = [public_error(error, phase) for error in errors]
        return Answer(payload, executed=phase is Phase.EXECUTION)

    async def execute(
        self, request: GraphQLRequest, document: PreparedDocument, session: ReadSession
    ) -> tuple[ExecutionResult, bool]:
        """What strawberry makes of the request, and whether a table was rewritten under the session's snapshot."""
        schema = self.schema if document.node is None else self.for_prepared
        async with session:
            result = await schema.execute(
                document.text,
                variable_values=request.variables,
                operation_name=request.operation_name,
                context_value=PreparedContext(session, document=document.node),
            )
            return result, await session.rewritten()


def phase_of(result: ExecutionResult) -> Phase:
    """How far the operation came. Variables that do not coerce give errors without a path, and no data."""
    if isinstance(result, PreExecutionError):
        return Phase.DOCUMENT
    if result.data is not None or any(error.path for error in result.errors or []):
        return Phase.EXECUTION
    return Phase.VARIABLES


def choose_operation(request: GraphQLRequest, document: PreparedDocument) -> str | None:
    """Name of the one operation that the request asks for, a query; None for an anonymous one.

    Of a document that does not parse there is none to choose: execution reports it.
    """
    if document.operations is None:
        return None
    named = [(name, kind) for name, kind in document.operations if request.operation_name in (None, name)]
    if not document.operations:
        raise RequestError(400, "BAD_REQUEST", "the document has no operation")
    if request.operation_name is not None and not named:
        raise RequestError(
            400, "OPERATION_RESOLUTION_FAILURE", f"the document has no operation {request.operation_name!r}"
        )
    if len(named) > 1:
        raise RequestError(400, "OPERATION_RESOLUTION_FAILURE", "the document has several operations: name one")
    [(name, kind)] = named
    if kind is not OperationType.QUERY:
        raise RequestError(
            405 if request.by_get else 400,
            "OPERATION_NOT_SUPPORTED",
            f"this gateway reads only, it runs no {kind.value}",
        )
    return name
