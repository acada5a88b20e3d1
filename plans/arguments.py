"""A field's arguments, read from the operation's variables: once compiled, a few dictionary look-ups per request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLError, GraphQLField, NullValueNode, VariableNode, is_non_null_type
from graphql.execution.values import VariableValues, get_argument_values
from strawberry import UNSET
from strawberry.types.arguments import StrawberryArgument, _is_leaf_type, convert_arguments
from strawberry.types.base import StrawberryList, StrawberryOptional

from plans.errors import Deopt

if TYPE_CHECKING:
    import strawberry
    from strawberry.types.field import StrawberryField

ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class FromVariable:
    """An argument that is one variable and needs no conversion: ``default`` where the request leaves it out."""

    name: str
    variable: str
    default: Any
    nullable: bool


@dataclass(frozen=True, slots=True, eq=False)
class Arguments:
    """Reads one field's arguments, by their Python names; those that are absent are left out.

    Either every argument is constant or a plain variable, or (``whole``) the libraries' own coercion does the work.
    """

    constant: dict[str, Any]
    variables: tuple[FromVariable, ...]
    whole: tuple[GraphQLField, FieldNode, StrawberryField, strawberry.Schema] | None = None

    @property
    def varies(self) -> bool:
        """Whether any variable has a say."""
        return bool(self.variables) or self.whole is not None

    def read(self, values: VariableValues) -> dict[str, Any]:
        """The arguments for these variables. Raises ``Deopt`` where coercion fails."""
        if self.whole is not None:
            return coerced(*self.whole, values)
        if not self.variables:
            return self.constant
        found = dict(self.constant)
        given = values.coerced
        for argument in self.variables:
            value = given.get(argument.variable, argument.default)
            if value is None and not argument.nullable:
                raise Deopt("a null argument where the schema takes none")
            if value is not ABSENT:
                found[argument.name] = value
        return found


NO_ARGUMENTS = Arguments({}, ())
"""Of a field that takes none."""


def arguments_of(
    schema: strawberry.Schema, field: GraphQLField, node: FieldNode, declared: StrawberryField
) -> Arguments:
    """How the arguments at ``node`` are read. Raises ``Deopt`` where constant ones do not coerce."""
    values = {argument.name.value: argument.value for argument in node.arguments or ()}
    varying = {name for name, value in values.items() if holds_variable(value)}
    bare: list[FromVariable] = []
    for argument in declared.arguments:
        name = schema.config.name_converter.from_argument(argument)
        if name not in varying:
            continue
        value, taken = values[name], field.args[name]
        if not isinstance(value, VariableNode) or taken.default is not None or not taken_as_is(argument, schema):
            return Arguments({}, (), (field, node, declared, schema))
        nullable = not is_non_null_type(taken.type)
        bare.append(
            FromVariable(argument.python_name, value.name.value, ABSENT if nullable else None, nullable=nullable)
        )
    constant = GraphQLField(field.type, {name: taken for name, taken in field.args.items() if name not in varying})
    return Arguments(coerced(constant, node, declared, schema, None), tuple(bare))


def coerced(
    field: GraphQLField,
    node: FieldNode,
    declared: StrawberryField,
    schema: strawberry.Schema,
    values: VariableValues | None,
) -> dict[str, Any]:
    """The arguments as graphql-core and strawberry read them. Raises ``Deopt`` where they report an error."""
    try:
        given = get_argument_values(field, node, values)
    except GraphQLError as error:
        raise Deopt("an argument that does not coerce") from error
    converted = convert_arguments(
        given,
        declared.arguments,
        scalar_registry=schema.schema_converter.scalar_registry,
        config=schema.config,
    )
    return {name: value for name, value in converted.items() if value is not UNSET}


def taken_as_is(argument: StrawberryArgument, schema: strawberry.Schema) -> bool:
    """Whether strawberry takes the coerced value as it is: a leaf, or a list of leaves."""
    kind: Any = argument.type
    while type(kind) in (StrawberryOptional, StrawberryList):
        kind = kind.of_type
    return _is_leaf_type(kind, schema.schema_converter.scalar_registry)


def holds_variable(node: Any) -> bool:
    """Whether a value node is or contains a variable."""
    if isinstance(node, VariableNode):
        return True
    if isinstance(node, NullValueNode):
        return False
    children = getattr(node, "values", None) or getattr(node, "fields", None) or ()
    return any(holds_variable(getattr(child, "value", child)) for child in children if not isinstance(child, str))
