"""What an operation selects, whatever @skip and @include say: each field and type condition once, fragments included.

Of a valid document: a fragment's fields belong to the type of its own condition, so no fragment is walked twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
    is_object_type,
)


@dataclass(frozen=True, slots=True)
class SelectedField:
    """A field where it is selected. field: None for ``__typename``, ``__schema`` and ``__type``."""

    parent: GraphQLNamedType
    node: FieldNode
    field: GraphQLField | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A fragment's condition: rows of this type only."""

    type: GraphQLNamedType
    node: InlineFragmentNode | FragmentDefinitionNode


def selected(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[SelectedField | Condition]:
    """Every field and type condition, but those behind ``@skip(if: true)`` and ``@include(if: false)``."""
    spread: set[str] = set()
    root = schema.get_root_type(operation.operation)
    stack: list[tuple[GraphQLNamedType, SelectionSetNode]] = []
    if root is not None:
        stack.append((root, operation.selection_set))
    while stack:
        parent, selection_set = stack.pop()
        for selection in selection_set.selections:
            if never(selection):
                continue
            if isinstance(selection, FieldNode):
                field = field_of(parent, selection.name.value)
                yield SelectedField(parent, selection, field)
                if field is not None and selection.selection_set is not None:
                    stack.append((get_named_type(field.type), selection.selection_set))
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in spread:
                    continue
                spread.add(name)
                fragment = fragments[name]
            else:
                fragment = cast("InlineFragmentNode", selection)
            condition = fragment.type_condition
            below = parent
            if condition is not None and (found := schema.get_type(condition.name.value)) is not None:
                below = found
                yield Condition(found, fragment)
            stack.append((below, fragment.selection_set))


def field_of(parent: GraphQLNamedType, name: str) -> GraphQLField | None:
    """The type's own field of that name."""
    fields: Mapping[str, GraphQLField] = getattr(parent, "fields", {})
    return fields.get(name)


def fields_behind(schema: GraphQLSchema, parent: Any, name: str) -> Iterator[tuple[GraphQLNamedType, GraphQLField]]:
    """(type, field) of every object type whose rows the selection of ``parent``'s field may read."""
    if is_object_type(parent):
        yield parent, parent.fields[name]
    elif is_interface_type(parent):
        for possible in schema.get_possible_types(parent):
            yield possible, possible.fields[name]


def never(selection: SelectionNode) -> bool:
    """Whether a constant keeps it out of every response."""
    for directive in selection.directives or ():
        if directive.name.value in ("skip", "include"):
            for argument in directive.arguments or ():
                if isinstance(argument.value, BooleanValueNode):
                    return argument.value.value is (directive.name.value == "skip")
    return False
