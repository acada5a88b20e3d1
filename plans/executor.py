"""Plans inside ``schema.execute``: ``strawberry.Schema(..., execution_context_class=PlanExecutor)``.

Strawberry and graphql-core still parse, validate, choose the operation and coerce its variables; extensions run as
ever. Only the walk over the fields is replaced, where a plan can do it.
"""

from __future__ import annotations

from typing import Any, cast

from graphql import ExecutionResult, Location
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from loaders.errors import DeclarationError, StoreError
from loaders.viewer import viewer_of
from plans.engine import PlanEngine
from plans.extensions import passed_by
from plans.operations import Operation


class PlanExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes through the engine that the operation's context has in ``plans``; without one, as strawberry does."""

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: FBT001 - graphql-core's signature
        """The result, or an awaitable of it."""
        engine = getattr(self.context_value, "plans", None)
        if not isinstance(engine, PlanEngine) or not self._plannable(engine):
            return super().execute_operation(serially)
        return self._by_plan(engine, serially=serially)

    def _plannable(self, engine: PlanEngine) -> bool:
        """Whether nothing but the schema decides the result: no root value, no middleware, an untouched snapshot."""
        middlewares = self.middleware_manager.middlewares if self.middleware_manager else ()
        return (
            engine.schema._schema is self.schema  # noqa: SLF001 - no other way to compare
            and self.root_value is None
            and all(passed_by(middleware) for middleware in middlewares)
            and not self.context_value.session.started
            and self.operation.loc is not None
        )

    async def _by_plan(self, engine: PlanEngine, *, serially: bool | None) -> Any:
        text, name = cast("Location", self.operation.loc).source.body, self.operation.name
        operation = engine.operations.known(
            (text, name.value if name else None),
            lambda: Operation(engine.schema, self.fragment_definitions, self.operation),
        )
        instant = self.context_value.session.injected
        try:
            viewer = viewer_of(self.context_value, operation.facets)
            answer = await engine.run(operation, self.variable_values, instant, viewer=viewer, to_bytes=False)
        except (DeclarationError, StoreError):
            # Which fields it costs, and which are null for it, is the resolvers' to tell.
            answer = None
        if answer is not None:
            return ExecutionResult(data=answer.data)
        result: Any = super().execute_operation(serially)
        return await result if hasattr(result, "__await__") else result
