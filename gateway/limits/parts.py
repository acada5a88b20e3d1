"""What one definition of a document holds by itself, and which fragments it spreads where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)


@dataclass(slots=True, eq=False)
class Spread:
    """A fragment's name where it is spread. depth: of the selection set it stands in, 1 for the definition's own.

    at_root: whether it stands in that own selection set, or in inline fragments of it.
    """

    name: str
    depth: int
    at_root: bool


@dataclass(slots=True, eq=False)
class Part:
    """Counts over one definition, without what the fragments hold that it spreads."""

    depth: int = 0
    root_fields: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    list_length: int = 0
    variables: int = 0
    spreads: list[Spread] = field(default_factory=list)


def part_of(definition: OperationDefinitionNode | FragmentDefinitionNode) -> Part:
    """Count one definition. Linear in its nodes; a stack of its own, so that no nesting is too deep."""
    part = Part()
    variables = definition.variable_definitions or ()
    part.variables = len(variables)
    count_directives(definition.directives, part)
    for variable in variables:
        count_directives(variable.directives, part)
        if variable.default_value is not None:
            part.list_length = max(part.list_length, longest_list(variable.default_value))
    rest: list[tuple[SelectionSetNode, int, bool]] = [(definition.selection_set, 1, True)]
    while rest:
        selection_set, depth, at_root = rest.pop()
        for selection in selection_set.selections:
            inner = count_selection(selection, depth, part, at_root=at_root)
            if inner is not None:
                deeper = isinstance(selection, FieldNode)
                rest.append((inner, depth + deeper, at_root and not deeper))
    return part


def count_selection(selection: SelectionNode, depth: int, part: Part, *, at_root: bool) -> SelectionSetNode | None:
    """Count one selection. Returns: the selections inside it, None where there are none."""
    part.selections += 1
    count_directives(selection.directives, part)
    if isinstance(selection, FragmentSpreadNode):
        part.spreads.append(Spread(selection.name.value, depth, at_root))
        return None
    if isinstance(selection, FieldNode):
        part.root_fields += at_root
        part.aliases += selection.alias is not None
        part.depth = max(part.depth, depth)
        count_arguments(selection.arguments, part)
    return selection.selection_set if isinstance(selection, (FieldNode, InlineFragmentNode)) else None


def count_directives(directives: Iterable[DirectiveNode] | None, part: Part) -> None:
    """Count directives, and the lists among their arguments."""
    for directive in directives or ():
        part.directives += 1
        count_arguments(directive.arguments, part)


def count_arguments(arguments: Iterable[ArgumentNode] | None, part: Part) -> None:
    """Note the longest list among arguments."""
    for argument in arguments or ():
        if isinstance(argument.value, (ListValueNode, ObjectValueNode)):
            part.list_length = max(part.list_length, longest_list(argument.value))


def longest_list(value: ValueNode) -> int:
    """Elements of the longest list anywhere in a literal, 0 without any."""
    longest, rest = 0, [value]
    while rest:
        node = rest.pop()
        if isinstance(node, ListValueNode):
            longest = max(longest, len(node.values))
            rest.extend(node.values)
        elif isinstance(node, ObjectValueNode):
            rest.extend(entry.value for entry in node.fields)
    return longest
