"""The plan engine: answers an operation through a plan, or says that the resolver path has to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import DocumentNode, OperationDefinitionNode
from graphql.execution.values import VariableValues

from loaders.stamps import Tracking
from loaders.viewer import ANONYMOUS, Viewer
from plans.answers import PlanAnswer
from plans.errors import Deopt, NotCompilable
from plans.extensions import foreign_extension
from plans.groups import Groups
from plans.opening import Opening
from plans.operations import Operation, Operations
from plans.samples import sample_variables
from plans.selections import fragments_of

if TYPE_CHECKING:
    from plans.groups import Runs
    from plans.shadow import Shadow


@dataclass(slots=True)
class Counters:
    """What became of the operations. not_compilable, deopts: by reason."""

    groups: Groups
    answered: int = 0
    not_compilable: Counter[str] = field(default_factory=Counter)
    deopts: Counter[str] = field(default_factory=Counter)

    @property
    def statements(self) -> int:
        """Data statements sent."""
        return self.groups.statements

    @property
    def pipelines(self) -> int:
        """Pipelines sent: round trips, snapshots."""
        return self.groups.pipelines


class PlanEngine:
    """Compiles and runs the operations of one schema.

    heads_table: where version counters are kept, None to leave them unread. tracking: which tables are tracked; while
    that is None no answer can be kept. deadline_seconds: the longest that a request waits.
    batching: whether requests may share a pipeline. shadow: what compares a share of the answers.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        lanes: Runs,
        *,
        heads_table: str | None = None,
        tracking: Tracking | None = None,
        deadline_seconds: float = 15.0,
        batching: bool = True,
        shadow: Shadow | None = None,
    ) -> None:
        self.schema = schema
        self.lanes = lanes
        self.opening = Opening(heads_table, tracking)
        self.operations = Operations(schema)
        self.shadow = shadow
        self.groups = Groups(lanes, deadline_seconds=deadline_seconds, on=batching)
        self.counters = Counters(self.groups)
        self.foreign = foreign_extension(schema)

    async def answer(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        instant: datetime | None = None,
        viewer: Viewer = ANONYMOUS,
    ) -> bytes | None:
        """The response's body ``{"data":…}``, or None when the operation has to take the resolver path.

        Raises ``StoreError`` when the store fails or the deadline passes.
        """
        found = await self.execute(query, variables, operation_name, instant=instant, viewer=viewer)
        return None if found is None else found.body

    async def execute(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        instant: datetime | None = None,
        viewer: Viewer = ANONYMOUS,
        stamp: bool = False,
    ) -> PlanAnswer | None:
        """The same with all that is known about the answer. stamp: find out what it depends on."""
        try:
            operation = self.operation(query, operation_name)
            coerced = operation.variables(variables)
        except NotCompilable as error:
            self.counters.not_compilable[error.reason] += 1
            return None
        except Deopt as error:
            self.counters.deopts[error.reason] += 1
            return None
        return await self.run(operation, coerced, instant, viewer=viewer, stamp=stamp)

    def prepare(self, document: DocumentNode, definition: OperationDefinitionNode) -> Operation:
        """An operation of a document that is parsed and validated, for ``answer_prepared``; the caller keeps it."""
        return Operation(self.schema, fragments_of(document), definition)

    async def answer_prepared(
        self, operation: Operation, variables: dict[str, Any] | None = None, *, viewer: Viewer = ANONYMOUS
    ) -> bytes | None:
        """As ``answer``, of an operation that is prepared: what is left to do begins with its variables."""
        found = await self.run_prepared(operation, variables, viewer=viewer)
        return None if found is None else found.body

    async def run_prepared(
        self,
        operation: Operation,
        variables: dict[str, Any] | None = None,
        *,
        instant: datetime | None = None,
        viewer: Viewer = ANONYMOUS,
        stamp: bool = False,
    ) -> PlanAnswer | None:
        """The same with all that is known about the answer. stamp: find out what it depends on."""
        if self.foreign is not None:
            self.counters.not_compilable[f"the schema extension {self.foreign}"] += 1
            return None
        try:
            coerced = operation.variables(variables)
        except Deopt as error:
            self.counters.deopts[error.reason] += 1
            return None
        return await self.run(operation, coerced, instant, viewer=viewer, stamp=stamp)

    async def warm(self, operation: Operation) -> None:
        """Compile an operation before it is first asked for, as far as that can be done without its variables."""
        if self.foreign is not None:
            return
        for given in sample_variables(self.schema, operation.definition):
            # A turn of the event loop for the requests that wait.
            await asyncio.sleep(0)
            # Whatever it is, the first request meets it too, and knows what to do with it.
            with suppress(Exception):
                variables = operation.variables(given)
                variant = operation.variant(variables)
                variant.plan(variant.binder.bind(variables), self.opening).fold()

    def track(self, tracking: Tracking) -> None:
        """Learn which tables are tracked; at any time, plans that are made included."""
        self.opening.tracking = tracking

    def operation(self, query: str, operation_name: str | None) -> Operation:
        """The operation of a document, found fit for plans so far. Raises ``NotCompilable``."""
        if self.foreign is not None:
            # Its hooks run around strawberry's own execution only.
            raise NotCompilable(f"the schema extension {self.foreign}")
        return self.operations.get(query, operation_name)

    async def run(
        self,
        operation: Operation,
        variables: VariableValues,
        instant: datetime | None,
        *,
        viewer: Viewer = ANONYMOUS,
        to_bytes: bool = True,
        stamp: bool = False,
    ) -> PlanAnswer | None:
        """Answer an operation that is known, with coerced variables. None: the resolver path has to.

        stamp: find out what the answer depends on.
        """
        clock = asyncio.get_running_loop().time()
        if operation.disabled is not None or clock < operation.retired_until:
            self.counters.deopts[operation.disabled or "retired"] += 1
            return None
        try:
            variant = operation.variant(variables)
            binding = variant.binder.bind(variables, viewer)
            plan = variant.plan(binding, self.opening)
        except NotCompilable as error:
            self.counters.not_compilable[error.reason] += 1
            return None
        except Exception as error:  # noqa: BLE001 - also what a reader of keys raises: the resolver path reports it
            self.counters.deopts[error.reason if isinstance(error, Deopt) else type(error).__name__] += 1
            return None
        try:
            if self.shadow is not None and to_bytes and self.shadow.chooses():
                shadowed = self.shadow.answer(operation, variables, plan, binding, instant, stamp=stamp)
                answer = await self.groups.alone(shadowed)
            else:
                answer = await self.groups.answer(plan, binding, instant, to_bytes=to_bytes, stamp=stamp)
        except Deopt as error:
            self.counters.deopts[error.reason] += 1
            if error.leads:
                operation.deopted(clock)
            return None
        operation.answered()
        self.counters.answered += 1
        return answer


def reasons(counted: Mapping[str, int]) -> str:
    """Counts by reason, most frequent first, on one line."""
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counted.items(), key=lambda pair: -pair[1]))
