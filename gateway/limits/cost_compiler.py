"""From an operation of a valid document to its cost tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    value_from_ast_untyped,
)

from gateway.limits.conditions import conditions_of
from gateway.limits.cost_tree import Condition, CostNode, Estimator, Given, Size
from gateway.limits.inputs import Inputs
from gateway.limits.weights import INTROSPECTION, argument_cost, directive_of, field_weight, list_levels, slicing
from loaders.directives.list_size import ListSize

ALWAYS: Condition = frozenset()


@dataclass(slots=True)
class Selected:
    """The selections of one response name, and the condition of each."""

    nodes: list[FieldNode] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)

    @property
    def when(self) -> tuple[Condition, ...]:
        """() where one of them is unconditional."""
        return () if ALWAYS in self.conditions else tuple(dict.fromkeys(self.conditions))


def estimator_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, *, assumed_size: int
) -> Estimator:
    """The estimator of an operation. assumed_size: of lists whose size neither schema nor arguments tell."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    root = schema.get_root_type(operation.operation)
    if root is None:
        raise ValueError(f"the schema has no {operation.operation.value} type")
    compiler = CostCompiler(schema, fragments, Inputs(operation), assumed_size)
    tree = CostNode("", 0.0, alternatives=compiler.alternatives(root, [operation.selection_set], {}))
    return Estimator(tree, tuple(compiler.inputs.found))


@dataclass(slots=True)
class CostCompiler:
    """Makes the cost nodes of one operation.

    Equal fields are one node, also those of several types, so that the tree stays small where types are abstract.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    inputs: Inputs
    assumed_size: int
    _made: dict[tuple[Any, ...], tuple[tuple[CostNode, ...], ...]] = field(default_factory=dict)
    _nodes: dict[tuple[Any, ...], CostNode] = field(default_factory=dict)

    def alternatives(
        self, type_: GraphQLNamedType, selection_sets: Sequence[SelectionSetNode], sizes: Mapping[str, Size]
    ) -> tuple[tuple[CostNode, ...], ...]:
        """The fields of every object type that a value may have, equal ones once. sizes: of its fields, by name."""
        key = (type_.name, tuple(map(id, selection_sets)), tuple(sizes.items()))
        if key not in self._made:
            types = self.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
            made = [tuple(self.fields(cast("GraphQLObjectType", each), selection_sets, sizes)) for each in types]
            self._made[key] = tuple(nodes for nodes in dict.fromkeys(made) if nodes)
        return self._made[key]

    def fields(
        self, type_: GraphQLObjectType, selection_sets: Sequence[SelectionSetNode], sizes: Mapping[str, Size]
    ) -> list[CostNode]:
        """The fields of an object of one type that cost anything."""
        made = [self.field(type_, key, found, sizes) for key, found in self.collect(type_, selection_sets).items()]
        return [node for node in made if node is not None]

    def collect(self, type_: GraphQLObjectType, selection_sets: Sequence[SelectionSetNode]) -> dict[str, Selected]:
        """CollectFields (GraphQL specification, 6.3.2) before the variables are known."""
        found: dict[str, Selected] = {}
        spread: set[tuple[str, Condition]] = set()
        rest = [(selection_set, ALWAYS) for selection_set in reversed(selection_sets)]
        while rest:
            selection_set, outer = rest.pop()
            for selection in selection_set.selections:
                own = conditions_of(selection, self.inputs)
                if own is None:
                    continue
                condition = outer | own
                if isinstance(selection, FieldNode):
                    name = selection.alias or selection.name
                    selected = found.setdefault(name.value, Selected())
                    selected.nodes.append(selection)
                    selected.conditions.append(condition)
                elif isinstance(selection, FragmentSpreadNode):
                    fragment = self.fragments[selection.name.value]
                    if (fragment.name.value, condition) not in spread and self.applies(fragment, type_):
                        spread.add((fragment.name.value, condition))
                        rest.append((fragment.selection_set, condition))
                elif isinstance(selection, InlineFragmentNode) and self.applies(selection, type_):
                    rest.append((selection.selection_set, condition))
        return found

    def applies(self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: GraphQLObjectType) -> bool:
        """Whether an object of the type meets a fragment's type condition."""
        if fragment.type_condition is None:
            return True
        condition = self.schema.get_type(fragment.type_condition.name.value)
        return condition is type_ or (
            condition is not None and is_abstract_type(condition) and self.schema.is_sub_type(condition, type_)
        )

    def field(
        self, type_: GraphQLObjectType, key: str, selected: Selected, sizes: Mapping[str, Size]
    ) -> CostNode | None:
        """The node of one field; None where it costs nothing, whatever the variables."""
        node = selected.nodes[0]
        name = node.name.value
        definition = self.schema.get_field(type_, name)
        if definition is None:
            raise ValueError(f"{type_.name} has no field {name!r}: the document is not valid")
        each, once = field_weight(name, definition), self.given(node, definition)
        size, inner = self.sizes(node, definition, sizes.get(name))
        alternatives: tuple[tuple[CostNode, ...], ...] = ()
        returned = get_named_type(definition.type)
        if is_composite_type(returned) and name not in INTROSPECTION:
            inside = [one.selection_set for one in selected.nodes if one.selection_set is not None]
            alternatives = self.alternatives(returned, inside, inner)
        if not each and not alternatives and once == Given():
            return None
        parts = (key, each, once, size, selected.when)
        return self._nodes.setdefault((*parts, id(alternatives)), CostNode(*parts, alternatives))

    def given(self, node: FieldNode, definition: GraphQLField) -> Given:
        """What the arguments cost."""
        fixed, places = 0.0, []
        for argument in node.arguments or ():
            cost = argument_cost(definition.args[argument.name.value])
            if cost is None:
                continue
            if isinstance(argument.value, VariableNode):
                places.append(self.inputs.place(argument.value.name.value, cost))
            else:
                fixed += cost(value_from_ast_untyped(argument.value)) or 0.0
        return Given(fixed, tuple(places))

    def sizes(
        self, node: FieldNode, definition: GraphQLField, outer: Size | None
    ) -> tuple[Size | None, dict[str, Size]]:
        """The size of the list that a field returns, None for no list, and those of the lists inside, by name.

        outer: the size that the object around it gives this field. Lists inside the list have the assumed size.
        """
        levels, declared = list_levels(definition), directive_of(definition, ListSize)
        size = outer if declared is None and outer is not None else self.size(node, definition, declared)
        if declared is not None and declared.sized_fields:
            return (None if not levels else Size(self.assumed_size)), dict.fromkeys(declared.sized_fields, size)
        return (None if not levels else size.times(self.assumed_size ** (levels - 1))), {}

    def size(self, node: FieldNode, definition: GraphQLField, declared: ListSize | None) -> Size:
        """The size that a field's arguments ask for, or that is assumed."""
        if declared is None:
            return Size(self.assumed_size)
        fixed: list[float] = []
        places: list[tuple[int, float | None]] = []
        written = {argument.name.value: argument.value for argument in node.arguments or ()}
        for name in declared.slicing_arguments or ():
            read, default = slicing(definition, name)
            value = written.get(name)
            if isinstance(value, VariableNode):
                places.append((self.inputs.place(value.name.value, read), default))
                continue
            asked = default if value is None else read(value_from_ast_untyped(value))
            if asked is not None:
                fixed.append(asked)
        assumed = declared.assumed_size
        return Size(
            self.assumed_size if not isinstance(assumed, int) else assumed, max(fixed, default=None), tuple(places)
        )
