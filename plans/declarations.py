"""What a field is declared to be, and whether anything stands between its declaration and its value."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from loaders.choices import FetchEachOf, FetchOneOf
from loaders.connections import ListByArguments, ListFromRow
from loaders.errors import DeclarationError
from loaders.fetching import FetchAll, FetchByArgument, FetchFromRow, NodeByArgument
from loaders.fields import FetchField
from loaders.nodes import GlobalId
from loaders.resolutions import Column, Computed, Embedded
from loaders.selection import refuse_hooks
from plans.errors import NotCompilable

KNOWN = {
    Column,
    Computed,
    Embedded,
    GlobalId,
    FetchAll,
    FetchByArgument,
    FetchFromRow,
    FetchOneOf,
    FetchEachOf,
    ListByArguments,
    ListFromRow,
    NodeByArgument,
}
"""The resolutions that plans know; a subclass may resolve in any way."""


def engine_field(as_type: GraphQLObjectType, name: str, path: str) -> tuple[GraphQLField, FetchField]:
    """A field that reads its value as the engine does, with nothing in between."""
    field = as_type.fields[name]
    declared = field.extensions.get("strawberry-definition")
    if not isinstance(declared, FetchField):
        raise NotCompilable("a resolver of its own", path)
    kind = type(declared)
    if kind.get_result is not FetchField.get_result or kind.resolution is not FetchField.resolution:
        raise NotCompilable("a resolver of its own", path)
    if declared.resolution is None:
        raise NotCompilable("a resolver of its own", path)
    if type(declared.resolution) not in KNOWN:
        raise NotCompilable(f"a {type(declared.resolution).__name__}, which plans do not know", path)
    unguarded(declared, path)
    return field, declared


def plain_field(field: GraphQLField, path: str) -> StrawberryField:
    """A field that strawberry reads off its object by name."""
    declared = field.extensions.get("strawberry-definition")
    if type(declared) is not StrawberryField or declared.base_resolver is not None:
        raise NotCompilable("a resolver of its own", path)
    unguarded(declared, path)
    return declared


def unguarded(declared: StrawberryField, path: str) -> None:
    """Refuse a field with a permission or an extension."""
    if declared.permission_classes:
        raise NotCompilable("a permission", path)
    if declared.extensions:
        raise NotCompilable("a field extension", path)


def definition_of(as_type: GraphQLObjectType, path: str) -> Any:
    """Strawberry's definition of a type whose objects are recognised by their rows alone."""
    definition = as_type.extensions.get("strawberry-definition")
    if definition is None or get_object_definition(definition.origin) is None:
        raise NotCompilable(f"{as_type.name} is not a strawberry type", path)
    try:
        refuse_hooks(definition)
    except DeclarationError as error:
        raise NotCompilable(str(error), path) from error
    return definition


def leaf_of(type_: GraphQLOutputType) -> Any:
    """The type without its lists and its non-nulls."""
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return type_


def unwrapped(type_: GraphQLOutputType) -> tuple[bool, bool, bool, Any]:
    """(nullable, list, nullable elements, named type) of a field's type."""
    nullable = not isinstance(type_, GraphQLNonNull)
    inner: Any = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    many = isinstance(inner, GraphQLList)
    if many:
        inner = inner.of_type
    element_nullable = not isinstance(inner, GraphQLNonNull)
    return nullable, many, element_nullable, leaf_of(type_)


def argument_type(declared: StrawberryField, field: GraphQLField, name: str, schema: strawberry.Schema) -> Any:
    """The GraphQL type of the argument with that Python name."""
    [found] = [argument for argument in declared.arguments if argument.python_name == name]
    return field.args[schema.config.name_converter.from_argument(found)].type
