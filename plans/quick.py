"""Variables that coerce to themselves, seen without graphql-core's general coercion, which costs as much as a fetch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    ListTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    TypeNode,
)
from graphql.utilities import type_from_ast

Same = Callable[[Any], bool]
"""Whether a value that is not null coerces to itself."""

LEAST, MOST = -(2**31), 2**31 - 1

SAME: dict[Any, Same] = {
    GraphQLString: lambda value: type(value) is str,
    GraphQLID: lambda value: type(value) is str,
    GraphQLBoolean: lambda value: type(value) is bool,
    GraphQLInt: lambda value: type(value) is int and LEAST <= value <= MOST,
}


def quick_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode
) -> Callable[[Mapping[str, Any]], dict[str, Any] | None]:
    """A function from the variables given to the variables coerced, or None where graphql-core has to coerce them."""
    checks: list[tuple[str, bool, bool, Same]] = []
    for definition in operation.variable_definitions or ():
        same = same_of(schema, definition.type)
        if same is None:
            return lambda _: None
        required = isinstance(definition.type, NonNullTypeNode)
        checks.append((definition.variable.name.value, required, definition.default_value is not None, same))

    def quick(given: Mapping[str, Any]) -> dict[str, Any] | None:
        coerced: dict[str, Any] = {}
        for name, required, defaults, same in checks:
            if name not in given:
                if required or defaults:
                    return None
                continue
            value = given[name]
            if value is None:
                if required:
                    return None
            elif not same(value):
                return None
            coerced[name] = value
        return coerced

    return quick


def same_of(schema: GraphQLSchema, node: TypeNode) -> Same | None:
    """The check for a variable's type; None for a type whose values need coercion."""
    if isinstance(node, NonNullTypeNode):
        return same_of(schema, node.type)
    if not isinstance(node, ListTypeNode):
        return SAME.get(type_from_ast(schema, node))
    nullable = not isinstance(node.type, NonNullTypeNode)
    element = same_of(schema, node.type)
    if element is None:
        return None
    check = element

    def same(value: Any) -> bool:
        if type(value) is not list:
            return False
        return all(nullable if item is None else check(item) for item in value)

    return same
