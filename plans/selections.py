"""Which fields an operation selects of an object type, once @skip and @include are decided.

GraphQL specification, section 6.3.2 (Field Collection).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

from plans.errors import NotCompilable

DECIDING = {"skip", "include"}


class Selections:
    """Collects fields of one operation for one assignment of its deciding variables."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], decisions: Mapping[str, bool]
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.decisions = decisions

    def fields(
        self, runtime_type: GraphQLObjectType, sets: Iterable[SelectionSetNode | None]
    ) -> dict[str, list[FieldNode]]:
        """Response key -> the nodes that merge there, in the order of the response."""
        found: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selection_set in sets:
            if selection_set is not None:
                self._collect(runtime_type, selection_set, found, spread)
        return found

    def _collect(
        self,
        runtime_type: GraphQLObjectType,
        selection_set: SelectionSetNode,
        found: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for selection in selection_set.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in spread:
                    continue
                spread.add(name)
                fragment = self.fragments[name]
            elif isinstance(selection, InlineFragmentNode):
                fragment = selection
            else:
                raise NotCompilable(f"a {selection.kind} selection")
            if self._applies(fragment, runtime_type):
                self._collect(runtime_type, fragment.selection_set, found, spread)

    def _applies(self, fragment: InlineFragmentNode | FragmentDefinitionNode, runtime_type: GraphQLObjectType) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == runtime_type.name:
            return True
        wanted = self.schema.get_type(condition.name.value)
        return is_abstract_type(wanted) and self.schema.is_sub_type(wanted, runtime_type)

    def _included(self, selection: SelectionNode) -> bool:
        included = True
        for directive in selection.directives or ():
            name = directive.name.value
            if name not in DECIDING:
                raise NotCompilable(f"the directive @{name}")
            if self._decided(directive) is (name == "skip"):
                included = False
        return included

    def _decided(self, directive: DirectiveNode) -> bool:
        [argument] = directive.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            return self.decisions[value.name.value]
        if isinstance(value, BooleanValueNode):
            return value.value
        raise NotCompilable(f"@{directive.name.value} with a {value.kind}")


def deciding_variables(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """Names of the variables that @skip and @include of the operation read, sorted."""
    return tuple(
        sorted(
            {
                argument.value.name.value
                for selection in walk(operation, fragments)
                for directive in selection.directives or ()
                if directive.name.value in DECIDING
                for argument in directive.arguments or ()
                if isinstance(argument.value, VariableNode)
            }
        )
    )


def walk(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[SelectionNode]:
    """Every selection of the operation and of the fragments that it reaches, each once."""
    seen: set[str] = set()
    stack: list[SelectionSetNode] = [operation.selection_set]
    while stack:
        for selection in stack.pop().selections:
            yield selection
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name not in seen:
                    seen.add(name)
                    stack.append(fragments[name].selection_set)
            elif isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
                stack.append(selection.selection_set)


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The document's fragments by name."""
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def selection_sets(nodes: Sequence[FieldNode]) -> list[SelectionSetNode | None]:
    """The selection sets that merge below one response key."""
    return [node.selection_set for node in nodes]
