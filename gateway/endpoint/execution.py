"""Running one operation: through a plan where there is one, through the resolvers otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult, PreExecutionError

from gateway.endpoint.errors import Phase, public_error
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.freshness import read_freshness
from gateway.endpoint.prepared import PreparedDocument, PreparedOperation
from gateway.endpoint.preparing import Preparer, Preparing
from gateway.endpoint.requests import GraphQLRequest
from gateway.endpoint.resolving import PreparedContext, for_prepared
from gateway.endpoint.responses import Answer, encode
from gateway.endpoint.versions import Reached
from gateway.limits.budgets import Budgets
from gateway.limits.validation import validate_within
from gateway.scopes.views import VIEWS, SchemaViews
from loaders.errors import StoreError
from loaders.failed import FailedSession
from loaders.lanes import Lanes
from loaders.recent import Recent
from loaders.session import ReadSession
from loaders.stamps import Stamp, Tracking
from loaders.viewer import ANONYMOUS, Viewer
from plans.engine import PlanEngine


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be executed, and for whom.

    operation: None of a document that strawberry has to look at by itself. cost: estimated, None where it is not.
    freshness: whether the answer tells how old the sources are. version: of the store, where the request named one.
    """

    request: GraphQLRequest
    document: PreparedDocument
    operation: PreparedOperation | None
    viewer: Viewer = ANONYMOUS
    cost: float | None = None
    freshness: bool = False
    version: Reached | None = None


@dataclass(frozen=True, slots=True)
class Executed:
    """rewritten: whether a table was rewritten under the snapshot. stamp: None for what must not be kept."""

    result: ExecutionResult
    rewritten: bool
    stamp: Stamp | None
    freshness: dict[str, Any] | None = None


class Execution:
    """Runs the operations of ``schema``. plans: the engine that is asked first, None to leave it out.

    budgets: what an operation may cost that resolvers are to run. tracking: which tables tell of writes, once that is
    known; answers are stamped then.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        lanes: Lanes,
        plans: PlanEngine | None = None,
        *,
        preparing: Preparing | None = None,
        budgets: Budgets | None = None,
    ) -> None:
        self.schema = schema
        self.for_prepared = for_prepared(schema)
        self.lanes = lanes
        self.plans = plans
        self.budgets = budgets or Budgets()
        self.preparer = Preparer(schema, plans, preparing)
        self.views = SchemaViews(schema, self.preparer.scopes)
        self._prepared_views: Recent[strawberry.Schema] = Recent(VIEWS)
        self.tracking: Tracking | None = None
        self._errors: Recent[tuple[GraphQLError, ...]] = Recent(VIEWS)

    def track(self, tracking: Tracking) -> None:
        """Learn which tables are tracked, so that answers can be stamped."""
        self.tracking = tracking
        if self.plans is not None:
            self.plans.track(tracking)

    async def run(self, task: Task, exchange: Exchange) -> Answer:
        """Execute an operation, in a snapshot of its own. Raises ``RequestError`` where that would cost too much."""
        if not task.document.valid and task.document.errors:
            return self.refused(task)
        plan = task.operation.plan if task.operation is not None else None
        # How old the sources are has to come out of the same snapshot, and a plan's pipeline has no room for it.
        if plan is not None and self.plans is not None and not task.freshness:
            try:
                found = await self.plans.run_prepared(
                    plan, task.request.variables, viewer=task.viewer, stamp=self.tracking is not None
                )
            except StoreError as error:
                return await self.resolve(task, exchange, FailedSession(self.lanes, error))
            if found is not None and found.body is not None:
                exchange.executor, exchange.statements = "plan", found.statements
                exchange.phases["db"] = found.db_seconds
                exchange.phases["encode"] = found.fold_seconds
                return Answer(found.body, executed=True, stamp=found.stamp)
        if task.cost is not None:
            self.budgets.check_resolvers(task.cost, task.document.sha256, task.document.own_cost)
        return await self.resolve(task, exchange, self.session(task))

    def seen_by(self, task: Task) -> strawberry.Schema:
        """The schema that executes a document: where it asks for the schema, as its viewer sees it."""
        if task.operation is None or not task.operation.introspects:
            return self.schema if task.document.node is None else self.for_prepared
        view = self.views.of(task.viewer)
        if task.document.node is None:
            return view
        return self.for_prepared if view is self.schema else self._prepared_views.get(view, lambda: for_prepared(view))

    def refused(self, task: Task) -> Answer:
        """The answer where the document is not valid, in the words of the schema that its viewer sees."""
        document = task.document
        errors, view = document.errors, self.views.of(task.viewer)
        if document.unfit is not None and view is not self.schema:
            unfit = document.unfit
            # A document that does not fit the whole fits no part of it.
            errors = self._errors.get(
                (document.identity, view),
                lambda: tuple(validate_within(view._schema, unfit, document.limits)),  # noqa: SLF001 - no other way
            )
        return Answer({"errors": [public_error(error, Phase.DOCUMENT) for error in errors]}, executed=False)

    def session(self, task: Task) -> ReadSession:
        """A snapshot for the resolvers; what it depends on is noted where that is all in declarations."""
        kept = task.operation is not None and task.operation.cacheable
        return ReadSession(self.lanes, tracking=self.tracking if kept else None)

    async def resolve(self, task: Task, exchange: Exchange, session: ReadSession) -> Answer:
        """Execute through the resolvers, which read in ``session``; once more where a table was rewritten meanwhile."""
        exchange.executor = "resolvers"
        with exchange.phase("resolve"):
            found = await self.execute(task, session)
            if found.rewritten:
                session = self.session(task)
                found = await self.execute(task, session)
        exchange.statements = session.statements
        phase = phase_of(found.result)
        if found.freshness is not None and phase is Phase.EXECUTION:
            payload: dict[str, Any] = {"data": found.result.data}
            if found.result.errors:
                payload["errors"] = [public_error(error, phase) for error in found.result.errors]
            return Answer({**payload, "extensions": {"freshness": found.freshness}}, executed=True)
        if phase is Phase.EXECUTION and not found.result.errors:
            with exchange.phase("encode"):
                return Answer(encode({"data": found.result.data}), executed=True, stamp=found.stamp)
        payload = {"data": found.result.data} if phase is Phase.EXECUTION else {}
        payload["errors"] = [public_error(error, phase) for error in found.result.errors or []]
        return Answer(payload, executed=phase is Phase.EXECUTION)

    async def execute(self, task: Task, session: ReadSession) -> Executed:
        """What strawberry makes of the request."""
        request, document = task.request, task.document
        schema = self.seen_by(task)
        async with session:
            result = await schema.execute(
                document.text,
                variable_values=request.variables,
                operation_name=request.operation_name,
                context_value=PreparedContext(session, viewer=task.viewer, document=document.node),
            )
            freshness = await read_freshness(session) if task.freshness else None
            rewritten = await session.rewritten()
            kept = not rewritten and not result.errors
            return Executed(result, rewritten, await session.stamp() if kept else None, freshness)


def phase_of(result: ExecutionResult) -> Phase:
    """How far the operation came. Variables that do not coerce give errors without a path, and no data."""
    if isinstance(result, PreExecutionError):
        return Phase.DOCUMENT
    if result.data is not None or any(error.path for error in result.errors or []):
        return Phase.EXECUTION
    return Phase.VARIABLES
