"""What the schema says of costs: weights and sizes, from ``@cost`` and ``@listSize``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, TypeVar

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputType,
    GraphQLNamedType,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_input_object_type,
    is_list_type,
)

from gateway.limits.inputs import Read, length_of, size_of
from loaders.directives.cost import Cost
from loaders.directives.list_size import ListSize

D = TypeVar("D", Cost, ListSize)

INTROSPECTION = {"__schema": 1_000.0, "__type": 50.0}
"""Weights of the root fields that read the schema itself: about the objects that a full answer has."""


def directive_of(element: Any, kind: type[D]) -> D | None:
    """The directive of a field, a type or an argument, None without one."""
    definition = (element.extensions or {}).get("strawberry-definition")
    directives: Iterable[object] = getattr(definition, "directives", None) or ()
    return next((one for one in directives if isinstance(one, kind)), None)


def own_weight(element: Any) -> float | None:
    """The weight that ``@cost`` gives an element, None without one."""
    found = directive_of(element, Cost)
    return None if found is None else float(found.weight)


def type_weight(type_: GraphQLNamedType) -> float:
    """The weight of one value of a type: 1 of an object, 0 of a leaf."""
    weight = own_weight(type_)
    return float(is_composite_type(type_)) if weight is None else weight


def field_weight(name: str, field: GraphQLField) -> float:
    """The weight of one value of a field."""
    if name in INTROSPECTION:
        return INTROSPECTION[name]
    weight = own_weight(field)
    return type_weight(get_named_type(field.type)) if weight is None else weight


def list_levels(field: GraphQLField) -> int:
    """How many lists are around a field's values."""
    levels, type_ = 0, get_nullable_type(field.type)
    while is_list_type(type_):
        levels, type_ = levels + 1, get_nullable_type(type_.of_type)
    return levels


def slicing(field: GraphQLField, name: str) -> tuple[Read, float | None]:
    """How an argument of a field bounds a list, and by how much where it is not given."""
    argument = field.args[name]
    read = length_of if is_list_type(get_nullable_type(argument.type)) else size_of
    default = argument.default_value
    return read, None if default is Undefined else read(default)


def argument_cost(argument: GraphQLArgument) -> Read | None:
    """What a value of an argument costs, as a function of the value; None where no value costs anything."""
    weight = own_weight(argument) or 0.0
    if not weight and not has_weights(argument.type, set()):
        return None
    return partial(value_cost, weight, argument.type)


def has_weights(type_: GraphQLInputType, seen: set[str]) -> bool:
    """Whether a field of an input object weighs anything, at any level. seen: types that were looked at."""
    named = get_named_type(type_)
    if not is_input_object_type(named) or named.name in seen:
        return False
    seen.add(named.name)
    return any(bool(own_weight(field)) or has_weights(field.type, seen) for field in named.fields.values())


def value_cost(weight: float, type_: GraphQLInputType, value: Any) -> float:
    """A weight for a value that is given, and that of the fields which its input objects give."""
    cost, rest = (0.0 if value is None else weight), [(type_, value)]
    while rest:
        inner, found = rest.pop()
        named = get_named_type(inner)
        if isinstance(found, list):
            rest.extend((inner, element) for element in found)
        elif isinstance(found, dict) and is_input_object_type(named):
            for name, field in named.fields.items():
                if found.get(name) is not None:
                    cost += own_weight(field) or 0.0
                    rest.append((field.type, found[name]))
    return cost
