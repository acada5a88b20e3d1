"""Made-up variables, to compile an operation before anybody has asked for it: their values are never sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    OperationDefinitionNode,
    is_input_type,
    type_from_ast,
)

SCALARS: dict[str, Any] = {"Int": 1, "Float": 1.0, "Boolean": True}
TEXT = "1"
"""What every other scalar is given: some will refuse it, and their operations are compiled when they are used."""


def sample_variables(schema: strawberry.Schema, definition: OperationDefinitionNode) -> Iterator[dict[str, Any]]:
    """Variables as requests may give them: those that they have to give, then all."""
    core = schema._schema  # noqa: SLF001 - no other way
    required: dict[str, Any] = {}
    every: dict[str, Any] = {}
    for variable in definition.variable_definitions or ():
        kind = type_from_ast(core, variable.type)
        if not is_input_type(kind):
            return
        name = variable.variable.name.value
        every[name] = sample(kind)
        if isinstance(kind, GraphQLNonNull) and variable.default_value is None:
            required[name] = every[name]
    yield required
    if every != required:
        yield every


def sample(kind: Any) -> Any:
    """A value of an input type."""
    if isinstance(kind, GraphQLNonNull):
        return sample(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [sample(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = [(name, field) for name, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)]
        return {name: sample(field.type) for name, field in needed}
    return SCALARS.get(kind.name, TEXT)
