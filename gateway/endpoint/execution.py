"""Running one operation: one read session, the resolver path, a payload ready for JSON."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import strawberry
from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gateway.endpoint.errors import Phase, RequestError, public_error
from gateway.endpoint.requests import GraphQLRequest
from gateway.endpoint.responses import Answer
from loaders.context import OperationContext
from loaders.lanes import Lanes
from loaders.session import ReadSession


async def run(schema: strawberry.Schema, lanes: Lanes, request: GraphQLRequest) -> Answer:
    """Execute the request's operation in a snapshot of its own. Raises ``RequestError`` where none can be chosen."""
    choose_operation(request)
    async with ReadSession(lanes) as session:
        result = await schema.execute(
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
