"""What is known of a document before any request runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, OperationType

from gateway.delivery.hints import CachePolicy
from gateway.endpoint.errors import RequestError
from gateway.limits.cost_tree import Estimator
from gateway.limits.limits import DocumentLimits
from gateway.scopes.required import Requirement
from persisted_queries.budgets import Budget
from plans.facets import ViewerReads
from plans.operations import Operation

BYTES = 8 * 1024
BYTES_PER_CHARACTER = 350
"""What a prepared document holds in memory, measured: 11 KiB at 18 characters, 55 at 137, 107 at 368."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedOperation:
    """An operation of a valid document.

    plan: None where plans are off. variables: names of those that it declares. reads: what it reads of its viewer.
    introspects: which of ``__schema`` and ``__type`` it asks for. required: the scopes that its viewer needs. policy:
    how long caches on the way may keep its answers. estimator: of its cost, None where costs are off.
    cacheable: whether its answers follow from declarations alone, so that it is known what they depend on.
    """

    name: str | None
    plan: Operation | None
    variables: tuple[str, ...]
    reads: ViewerReads
    introspects: tuple[str, ...]
    required: tuple[Requirement, ...]
    policy: CachePolicy
    estimator: Estimator | None
    cacheable: bool


@dataclass(frozen=True, slots=True, eq=False)
class PreparedDocument:
    """A document's text and what was found out about it.

    identity: what it has in common with another one of the same answers and refusals. limits: that it has to keep.
    budget: its own, None where it has none or does not run as registered. kinds: name and type of each operation, None
    where it does not parse. refusal: a limit that it breaks. errors: what is wrong with it, for those who may know the
    whole schema. unfit: a document that parses but does not fit it. operations: None of one that is not valid. node:
    None of one that is not valid, and where strawberry has to parse and validate by itself.
    """

    text: str
    sha256: str
    identity: str
    limits: DocumentLimits
    budget: Budget | None = None
    kinds: tuple[tuple[str | None, OperationType], ...] | None = None
    valid: bool = False
    refusal: RequestError | None = None
    errors: tuple[GraphQLError, ...] = ()
    unfit: DocumentNode | None = None
    node: DocumentNode | None = None
    operations: Mapping[str | None, PreparedOperation] | None = None

    @property
    def own_cost(self) -> int | None:
        """What its operations may cost, None: what any may."""
        return None if self.budget is None else self.budget.cost

    @property
    def own_response_bytes(self) -> int | None:
        """Bytes that its answers may have, None: as many as any."""
        return None if self.budget is None else self.budget.response_bytes

    @property
    def weight(self) -> int:
        """About how many bytes it holds in memory, once its operations are compiled."""
        return BYTES + BYTES_PER_CHARACTER * len(self.text)

    def choose(self, operation_name: str | None, *, by_get: bool) -> str | None:
        """Name of the one operation that a request asks for, a query; None for an anonymous one.

        Of a document that does not parse there is none to choose. Raises ``RequestError``.
        """
        if self.refusal is not None:
            # An exception of its own for each request: it takes on a traceback.
            raise RequestError(self.refusal.status, self.refusal.code, self.refusal.message)
        if self.kinds is None:
            return None
        if not self.kinds:
            raise RequestError(400, "BAD_REQUEST", "the document has no operation")
        named = [(name, kind) for name, kind in self.kinds if operation_name in (None, name)]
        if not named:
            raise RequestError(400, "OPERATION_RESOLUTION_FAILURE", f"the document has no operation {operation_name!r}")
        if len(named) > 1:
            raise RequestError(400, "OPERATION_RESOLUTION_FAILURE", "the document has several operations: name one")
        [(name, kind)] = named
        if kind is not OperationType.QUERY:
            raise RequestError(
                405 if by_get else 400,
                "OPERATION_NOT_SUPPORTED",
                f"this gateway reads only, it runs no {kind.value}",
                ((b"allow", b"POST"),) if by_get else (),
            )
        return name
