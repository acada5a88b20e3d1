"""Documents made ready to run: parsed, measured, validated and their plans begun, once for any number of requests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import strawberry
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType

from gateway.delivery.hints import policy_of
from gateway.endpoint.errors import RequestError
from gateway.endpoint.prepared import PreparedDocument, PreparedOperation
from gateway.limits.cost_compiler import estimator_of
from gateway.limits.limits import DocumentLimits
from gateway.limits.parsing import parse_within
from gateway.limits.rules import check_document
from gateway.limits.validation import validate_within
from gateway.scopes.introspection import introspected
from gateway.scopes.policy import ScopePolicy
from gateway.scopes.required import requirements
from loaders.recent import Recent
from persisted_queries.budgets import Budget
from persisted_queries.documents import Document, identity_of, sha256_of
from plans.cacheable import uncacheable
from plans.engine import PlanEngine
from plans.extensions import foreign_extension
from plans.facets import viewer_reads
from plans.selections import fragments_of

TEXTS = 512
"""Documents remembered that clients send as text, the least recently used ones go."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """What preparing a document needs to know.

    assumed_size: of lists whose size nobody tells; None: costs are off. private: whether no answer is for everybody.
    """

    limits: DocumentLimits = field(default_factory=DocumentLimits)
    assumed_size: int | None = 10
    default_max_age_seconds: int = 0
    private: bool = False


class Preparer:
    """Prepares documents for one schema. prepared: how many so far."""

    def __init__(
        self, schema: strawberry.Schema, plans: PlanEngine | None = None, settings: Preparing | None = None
    ) -> None:
        self.schema = schema
        self.plans = plans
        self.settings = settings or Preparing()
        self.scopes = ScopePolicy(schema._schema)  # noqa: SLF001 - no other way
        self.prepared = 0
        self._by_text: Recent[PreparedDocument] = Recent(TEXTS)
        self._foreign = foreign_extension(schema) is not None

    def of_text(self, text: str) -> PreparedDocument:
        """The document that a client sent as text."""
        return self._by_text.get(text, lambda: self.prepare(text))

    async def of_registered(self, document: Document) -> PreparedDocument:
        """A registered document, with its plans compiled as far as that can be done without variables."""
        prepared = self.prepare(document.text, document.budget)
        for operation in (prepared.operations or {}).values():
            if self.plans is not None and operation.plan is not None:
                await self.plans.warm(operation.plan)
        return prepared

    def prepare(self, text: str, budget: Budget | None = None) -> PreparedDocument:
        """Parse, measure, validate. What is wrong with a document is told to whoever asks for it."""
        self.prepared += 1
        limits = self.settings.limits.with_budget(budget)
        sha256 = sha256_of(text)
        unknown = PreparedDocument(text, sha256, identity_of(sha256, budget), limits, budget)
        try:
            document = parse_within(text, limits)
            check_document(document, limits)
        except RequestError as refusal:
            return replace(unknown, refusal=refusal)
        except GraphQLError as error:
            return replace(unknown, errors=(error,))
        definitions = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
        kinds = tuple((name_of(definition), definition.operation) for definition in definitions)
        try:
            errors = validate_within(self.schema._schema, document, limits)  # noqa: SLF001 - no other way
        except RequestError as refusal:
            return replace(unknown, kinds=kinds, refusal=refusal)
        if errors:
            return replace(unknown, kinds=kinds, errors=tuple(errors), unfit=document)
        operations = {
            name: self._operation(document, found) for (name, _), found in zip(kinds, definitions, strict=True)
        }
        # With an extension that strawberry alone can run it has to parse and validate, too: around that hooks are run.
        node = None if self._foreign else document
        return replace(unknown, kinds=kinds, valid=True, node=node, operations=operations)

    def _operation(self, document: DocumentNode, definition: OperationDefinitionNode) -> PreparedOperation:
        core, size = self.schema._schema, self.settings.assumed_size  # noqa: SLF001 - no other way
        plan = None
        if self.plans is not None and not self._foreign and definition.operation is OperationType.QUERY:
            plan = self.plans.prepare(document, definition)
        fragments = fragments_of(document)
        reads = plan.viewer_reads if plan is not None else viewer_reads(core, definition, fragments)
        required = requirements(self.scopes, definition, fragments)
        policy = policy_of(core, document, definition, default_max_age_seconds=self.settings.default_max_age_seconds)
        return PreparedOperation(
            name=name_of(definition),
            plan=plan,
            variables=tuple(found.variable.name.value for found in definition.variable_definitions or ()),
            reads=reads,
            introspects=introspected(core, definition, fragments),
            required=required,
            policy=replace(policy, private=policy.private or self.settings.private or bool(reads.facets or required)),
            cacheable=not self._foreign
            and not reads.anything
            and uncacheable(self.schema, document, name_of(definition)) is None,
            estimator=None if size is None else estimator_of(core, document, definition, assumed_size=size),
        )


def name_of(definition: OperationDefinitionNode) -> str | None:
    """An operation's name, None for an anonymous one."""
    return definition.name.value if definition.name else None
