"""Documents made ready to run: parsed, validated and their operations' plans begun, once for any number of requests."""

from __future__ import annotations

from dataclasses import dataclass, field

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
)
from strawberry.schema.schema import validate_document

from loaders.recent import Recent
from persisted_queries.documents import Document
from plans.engine import PlanEngine
from plans.extensions import foreign_extension
from plans.operations import Operation

TEXTS = 512
"""Documents remembered that clients send as text, the least recently used ones go."""

BYTES = 8 * 1024
BYTES_PER_CHARACTER = 350
"""What a prepared document holds in memory, measured: 11 KiB at 18 characters, 55 at 137, 107 at 368."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedDocument:
    """A document's text and what was found out about it.

    valid: whether it parses and fits the schema. operations: name and type of each, None where it does not parse.
    node: what the resolvers walk, None where strawberry has to parse and validate by itself. plans: by name of the
    operation, those that may have one.
    """

    text: str
    valid: bool = False
    operations: tuple[tuple[str | None, OperationType], ...] | None = None
    node: DocumentNode | None = None
    plans: dict[str | None, Operation] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """About how many bytes it holds in memory, once its operations are compiled."""
        return BYTES + BYTES_PER_CHARACTER * len(self.text)


class Preparer:
    """Prepares documents for one schema. prepared: how many so far."""

    def __init__(self, schema: strawberry.Schema, plans: PlanEngine | None = None) -> None:
        self.schema = schema
        self.plans = plans
        self.prepared = 0
        self._by_text: Recent[PreparedDocument] = Recent(TEXTS)
        # Extensions that strawberry alone can run may also change what is valid.
        self._foreign = foreign_extension(schema) is not None

    def of_text(self, text: str) -> PreparedDocument:
        """The document that a client sent as text."""
        return self._by_text.get(text, lambda: self.prepare(text))

    async def of_registered(self, document: Document) -> PreparedDocument:
        """A registered document, with its plans compiled as far as that can be done without variables."""
        prepared = self.prepare(document.text)
        for operation in prepared.plans.values():
            if self.plans is not None:
                await self.plans.warm(operation)
        return prepared

    def prepare(self, text: str) -> PreparedDocument:
        """Parse, validate. What is wrong with a document is for strawberry to report, when it is asked for."""
        self.prepared += 1
        try:
            document = parse(text)
        except (GraphQLError, RecursionError):
            return PreparedDocument(text)
        definitions = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
        operations = tuple((name_of(definition), definition.operation) for definition in definitions)
        try:
            valid = not validate_document(self.schema._schema, document, tuple(specified_rules))  # noqa: SLF001 - no other way
        except RecursionError:
            valid = False
        if not valid:
            return PreparedDocument(text, valid, operations)
        node = None if self._foreign else document
        return PreparedDocument(text, valid, operations, node, self._operations(document, definitions))

    def _operations(
        self, document: DocumentNode, definitions: list[OperationDefinitionNode]
    ) -> dict[str | None, Operation]:
        if self.plans is None:
            return {}
        return {
            name_of(definition): self.plans.prepare(document, definition)
            for definition in definitions
            if definition.operation is OperationType.QUERY
        }


def name_of(definition: OperationDefinitionNode) -> str | None:
    """An operation's name, None for an anonymous one."""
    return definition.name.value if definition.name else None
