"""What every type and field of a schema needs, found once: the directives there, and all that follows from them.

A field needs what its own directive says, what the type that it returns needs and what its required arguments' types
need; on an interface also what every implementation, and its field of that name, needs. A type needs what its own
directive says and what one of its fields or members needs: with none of them there would be nothing to select.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    get_named_type,
    is_input_object_type,
    is_interface_type,
    is_introspection_type,
    is_object_type,
    is_required_argument,
    is_union_type,
)

from gateway.scopes.needed import OPEN, Needed, all_of, any_of, smallest
from loaders.directives.requires_scopes import RequiresScopes
from loaders.errors import DeclarationError


class ScopePolicy:
    """types: type -> what it needs. fields: (type, field) -> what selecting it needs. relevant: every scope named."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        refuse_elsewhere(schema)
        named = [found for found in schema.type_map.values() if not is_introspection_type(found)]
        self.types: dict[str, Needed] = {found.name: own(found) for found in named}
        self.fields: dict[tuple[str, str], Needed] = {
            (found.name, name): own(field)
            for found in named
            if is_object_type(found) or is_interface_type(found)
            for name, field in found.fields.items()
        }
        every = [*self.types.values(), *self.fields.values()]
        self.relevant: frozenset[str] = frozenset().union(*(one for needed in every for one in needed))
        if self.relevant:
            self._follow(named)

    @property
    def open(self) -> bool:
        """Whether nothing in the schema needs a scope."""
        return not self.relevant

    def of_type(self, type_: Any) -> Needed:
        """What naming a type needs; ``type_`` may be a list of it, or non-null."""
        return self.types.get(get_named_type(type_).name, OPEN)

    def of_field(self, type_: GraphQLNamedType, name: str) -> Needed:
        """What selecting a field needs; nothing for ``__typename`` and the like."""
        return self.fields.get((type_.name, name), OPEN)

    def _follow(self, named: list[GraphQLNamedType]) -> None:
        """Follow types and fields into each other until nothing changes: needs only grow, and end in a few steps."""
        own_types, own_fields = dict(self.types), dict(self.fields)
        while True:
            before = (dict(self.types), dict(self.fields))
            for found in named:
                self.types[found.name] = all_of([own_types[found.name], self._within(found)])
            for found in named:
                if is_object_type(found) or is_interface_type(found):
                    for name, field in found.fields.items():
                        self.fields[found.name, name] = all_of(
                            [own_fields[found.name, name], *self._below(found, name, field)]
                        )
            if before == (self.types, self.fields):
                return

    def _within(self, type_: Any) -> Needed:
        if is_object_type(type_) or is_interface_type(type_):
            return any_of(self.fields[type_.name, name] for name in type_.fields)
        if is_union_type(type_):
            return any_of(self.types[member.name] for member in type_.types)
        if is_input_object_type(type_):
            return all_of(self.of_type(field.type) for field in type_.fields.values())
        return OPEN

    def _below(self, type_: Any, name: str, field: GraphQLField) -> list[Needed]:
        needs = [self.of_type(field.type)]
        needs += [self.of_type(argument.type) for argument in field.args.values() if is_required_argument(argument)]
        if is_interface_type(type_):
            found = self.schema.get_implementations(type_)
            for implementation in (*found.objects, *found.interfaces):
                needs += [self.types[implementation.name], self.fields[implementation.name, name]]
        return needs


def own(element: Any) -> Needed:
    """What the directives on a type or a field say."""
    return all_of(
        smallest(frozenset(alternative) for alternative in directive.scopes) for directive in directives_on(element)
    )


def directives_on(element: Any) -> Iterator[RequiresScopes]:
    """The ``@requiresScopes`` that a type, a field, an argument or an enum value is declared with."""
    declared = element.extensions.get("strawberry-definition")
    return (found for found in getattr(declared, "directives", None) or () if isinstance(found, RequiresScopes))


def refuse_elsewhere(schema: GraphQLSchema) -> None:
    """Raise ``DeclarationError`` for a directive in a place where nothing would heed it."""
    for name, kind in schema.type_map.items():
        parts: dict[str, Any] = {f"{name}.{key}": value for key, value in getattr(kind, "values", {}).items()}
        for key, field in getattr(kind, "fields", {}).items():
            if is_input_object_type(kind):
                parts[f"{name}.{key}"] = field
            else:
                parts.update({f"{name}.{key}({one}:)": argument for one, argument in field.args.items()})
        for coordinate, part in parts.items():
            if any(directives_on(part)):
                raise DeclarationError(f"@requiresScopes has no effect on {coordinate}: put it on its type")
