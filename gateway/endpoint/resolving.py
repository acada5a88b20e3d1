"""The resolver path of a prepared document: strawberry's execution without its parsing and validation."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import DocumentNode
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.types.execution import ExecutionContext

from loaders.context import OperationContext


@dataclass(frozen=True, slots=True)
class PreparedContext(OperationContext):
    """The context of an operation whose document is parsed and valid."""

    document: DocumentNode | None = None


def for_prepared(schema: strawberry.Schema) -> strawberry.Schema:
    """The same schema, as it executes with a ``PreparedContext``: the document is taken from there."""
    kind: Any = type(schema)

    def get_extensions(self: strawberry.Schema, sync: bool = False) -> list[SchemaExtension]:  # noqa: FBT001, FBT002 - strawberry's signature
        # Both would parse and validate what they do not have.
        found: list[SchemaExtension] = kind.get_extensions(self, sync)
        return [extension for extension in found if not isinstance(extension, (ParserCache, ValidationCache))]

    def create_execution_context(self: strawberry.Schema, *args: Any, **options: Any) -> ExecutionContext:
        found: ExecutionContext = kind._create_execution_context(self, *args, **options)  # noqa: SLF001 - no other way
        if isinstance(found.context, PreparedContext) and found.context.document is not None:
            found.graphql_document = found.context.document
            found.pre_execution_errors = []
        return found

    twin = copy.copy(schema)
    twin.__class__ = type(
        f"Prepared{kind.__name__}",
        (kind,),
        {"get_extensions": get_extensions, "_create_execution_context": create_execution_context},
    )
    return twin
