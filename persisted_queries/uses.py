"""Which parts of a schema an operation uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLSchema,
    NonNullTypeNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_input_type,
    type_from_ast,
    visit,
)


@dataclass(slots=True)
class Uses:
    """Coordinates and names of what one operation uses.

    - ``selected``: ``Type.field`` as written; ``executed``: also of the types that implement an interface
    - ``returned``: types of the selected fields; ``conditions``: types of fragments
    - ``given``: ``Type.field(argument:)``; ``fixed``: those of them with a literal; ``nullable``: those with a variable
      that may be null
    - ``variables``: types that variables may hold, at any depth; ``inputs``: these and the types of given arguments
    - ``directives``: names
    """

    selected: set[str] = field(default_factory=set)
    executed: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    conditions: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    nullable: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    inputs: set[str] = field(default_factory=set)
    directives: set[str] = field(default_factory=set)


def uses_of(operation: DocumentNode, schema: GraphQLSchema) -> Uses:
    """What the one operation of a document uses of a schema in which it is valid."""
    info = TypeInfo(schema)
    gatherer = Gatherer(schema, info, nullable_variables(operation))
    visit(operation, TypeInfoVisitor(info, gatherer))
    return gatherer.uses


def nullable_variables(operation: DocumentNode) -> set[str]:
    """Names of the variables that may be null."""
    return {
        variable.variable.name.value
        for definition in operation.definitions
        if isinstance(definition, OperationDefinitionNode)
        for variable in definition.variable_definitions or ()
        if not isinstance(variable.type, NonNullTypeNode)
    }


class Gatherer(Visitor):
    """Notes what is used while a document is visited."""

    def __init__(self, schema: GraphQLSchema, info: TypeInfo, nullable: set[str]) -> None:
        super().__init__()
        self.nullable = nullable
        self.schema = schema
        self.info = info
        self.uses = Uses()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, declared = self.info.get_parent_type(), self.info.get_field_def()
        if parent is None or declared is None:
            return
        self.uses.selected.add(f"{parent.name}.{node.name.value}")
        self.uses.returned.add(get_named_type(declared.type).name)
        for argument in node.arguments or ():
            self.uses.inputs.update(reachable(declared.args[argument.name.value].type))
        for owner in self.owners(parent):
            coordinate = f"{owner}.{node.name.value}"
            self.uses.executed.add(coordinate)
            for argument in node.arguments or ():
                given = f"{coordinate}({argument.name.value}:)"
                self.uses.given.add(given)
                if not isinstance(argument.value, VariableNode):
                    self.uses.fixed.add(given)
                elif argument.value.name.value in self.nullable:
                    self.uses.nullable.add(given)

    def enter_inline_fragment(self, *_: object) -> None:
        self.condition()

    def enter_fragment_definition(self, *_: object) -> None:
        self.condition()

    def condition(self) -> None:
        if found := self.info.get_type():
            self.uses.conditions.add(get_named_type(found).name)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        if is_input_type(found := type_from_ast(self.schema, node.type)):
            names = set(reachable(found))
            self.uses.variables |= names
            self.uses.inputs |= names

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self.uses.directives.add(node.name.value)

    def owners(self, parent: GraphQLNamedType) -> Iterator[str]:
        """The type, and all that implement it."""
        yield parent.name
        if is_abstract_type(parent):
            yield from (kind.name for kind in self.schema.get_possible_types(parent))


def reachable(given: GraphQLInputType) -> Iterator[str]:
    """Names of the types that a value of this type is made of."""
    seen: set[str] = set()
    open_types: list[GraphQLNamedType] = [get_named_type(given)]
    while open_types:
        found = open_types.pop()
        if found.name in seen:
            continue
        seen.add(found.name)
        yield found.name
        if isinstance(found, GraphQLInputObjectType):
            open_types += [get_named_type(part.type) for part in found.fields.values()]
