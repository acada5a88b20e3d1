"""The operations that GraphiQL opens with: those that the application brings, or a few made of its schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import structlog
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TokenKind,
    parse,
    validate,
)

from gateway.graphiql.example import Example
from gateway.graphiql.generated import generated

log = structlog.get_logger(__name__)

FOLDER = "examples"


def examples_for(schema: GraphQLSchema, folder: Path | None = None) -> tuple[Example, ...]:
    """The examples in ``folder``, those that fit; where there are none, those made of the schema.

    schema: as a viewer without scopes sees it, so that no example names what is hidden. folder: of ``*.graphql`` files,
    in the order of their names, with one operation each. The comments above it describe it.
    """
    return tuple(brought(schema, folder)) or generated(schema)


def brought(schema: GraphQLSchema, folder: Path | None) -> Iterator[Example]:
    """The examples in files. One that is not valid is left out, and warned of."""
    for path in sorted(folder.glob("*.graphql")) if folder is not None else ():
        try:
            text = path.read_text(encoding="utf-8")
            yield example_of(text, schema)
        except (GraphQLError, ValueError) as error:
            log.warning("example left out", file=path.name, reason=str(error).partition("\n")[0])


def example_of(text: str, schema: GraphQLSchema) -> Example:
    """The example that a document is. Raises ``ValueError`` or ``GraphQLError`` for one that cannot be run here."""
    document = parse(text)
    operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].name is None or operations[0].operation is not OperationType.QUERY:
        raise ValueError("an example is one query with a name")
    if errors := validate(schema, document):
        raise errors[0]
    return Example(operations[0].name.value, description_of(document), text)


def description_of(document: DocumentNode) -> str:
    """The comments above everything else."""
    lines = []
    token = document.loc.start_token.next if document.loc is not None else None
    while token is not None and token.kind is TokenKind.COMMENT:
        lines.append((token.value or "").strip())
        token = token.next
    return " ".join(lines)
