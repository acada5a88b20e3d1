"""The schema as a viewer sees it: introspection and validation know nothing that the viewer may not select."""

from __future__ import annotations

import copy
from typing import Any

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_interface_type,
    is_introspection_type,
    is_object_type,
    is_union_type,
)

from gateway.scopes.needed import has
from gateway.scopes.policy import ScopePolicy
from gateway.scopes.required import Requirement, refusal
from loaders.recent import Recent
from loaders.viewer import Viewer

VIEWS = 64
"""Views remembered, the least recently used ones go. Nobody but issuers of scopes decides how many there are."""


class SchemaViews:
    """A view of ``schema`` for each set of scopes that matters to it."""

    def __init__(self, schema: strawberry.Schema, policy: ScopePolicy | None = None) -> None:
        self.schema = schema
        self.policy = policy or ScopePolicy(schema._schema)  # noqa: SLF001 - no other way
        self._views: Recent[strawberry.Schema] = Recent(VIEWS)

    def of(self, viewer: Viewer) -> strawberry.Schema:
        """What the viewer sees: the schema itself where that is all of it.

        Raises ``RequestError`` for a viewer who may select nothing at all.
        """
        relevant = viewer.scopes & self.policy.relevant
        if relevant == self.policy.relevant:
            return self.schema
        query = self.policy.schema.query_type
        if query is not None and not has(relevant, self.policy.of_type(query)):
            raise refusal(Requirement(query.name, self.policy.of_type(query)), viewer)
        return self._views.get(relevant, lambda: self._made(relevant))

    def _made(self, scopes: frozenset[str]) -> strawberry.Schema:
        twin = copy.copy(self.schema)
        twin._schema = view(self.policy, scopes)  # noqa: SLF001 - no other way
        twin._schema._strawberry_schema = twin  # type: ignore[attr-defined]  # noqa: SLF001 - where resolvers look for it
        return twin


def view(policy: ScopePolicy, scopes: frozenset[str]) -> GraphQLSchema:
    """The part of the schema that ``scopes`` open and that can be reached through it."""
    return View(policy, scopes).schema()


class View:
    """Copies what is visible, type by type. Leaf types are shared with the whole schema: they refer to nothing."""

    def __init__(self, policy: ScopePolicy, scopes: frozenset[str]) -> None:
        self.policy = policy
        self.scopes = scopes
        self.copies: dict[str, GraphQLNamedType] = {}

    def schema(self) -> GraphQLSchema:
        """The schema of the copies."""
        whole = self.policy.schema
        given = whole.to_kwargs()
        roots = {name: self.root(given[name]) for name in ("query", "mutation", "subscription")}
        directives = [found for found in whole.directives if all(map(self.sees, found.args.values()))]
        rest: dict[str, Any] = {
            name: given[name] for name in ("description", "extensions", "ast_node", "extension_ast_nodes")
        }
        return GraphQLSchema(**roots, types=self.implementations(), directives=directives, **rest)

    def root(self, type_: GraphQLObjectType | None) -> Any:
        """The copy of a root type, None where there is nothing to select."""
        return self.named(type_) if type_ is not None and self.sees_type(type_) else None

    def implementations(self) -> list[GraphQLNamedType]:
        """Visible implementations of the interfaces that can be reached: fields name the interface only."""
        reached: dict[str, Any] = {}
        whole = self.policy.schema
        waiting: list[Any] = [whole.query_type, whole.mutation_type, whole.subscription_type]
        while waiting:
            type_ = waiting.pop()
            if type_ is None or type_.name in reached or not self.sees_type(type_):
                continue
            reached[type_.name] = type_
            if is_object_type(type_) or is_interface_type(type_):
                waiting += type_.interfaces
                waiting += [
                    get_named_type(field.type) for name, field in type_.fields.items() if self.sees_field(type_, name)
                ]
            if is_interface_type(type_):
                found = whole.get_implementations(type_)
                waiting += [*found.objects, *found.interfaces]
            if is_union_type(type_):
                waiting += type_.types
        return [self.named(type_) for type_ in reached.values() if is_object_type(type_) or is_interface_type(type_)]

    # What is visible

    def sees_type(self, type_: Any) -> bool:
        """Whether a type may be named."""
        return has(self.scopes, self.policy.of_type(type_))

    def sees_field(self, type_: GraphQLNamedType, name: str) -> bool:
        """Whether a field may be selected."""
        return has(self.scopes, self.policy.of_field(type_, name))

    def sees(self, argument: GraphQLArgument) -> bool:
        """Whether an argument may be given."""
        return self.sees_type(argument.type)

    # Copies

    def wrapped(self, type_: Any) -> Any:
        """The copy of a type with its lists and non-nulls."""
        if isinstance(type_, GraphQLNonNull):
            return GraphQLNonNull(self.wrapped(type_.of_type))
        if isinstance(type_, GraphQLList):
            return GraphQLList(self.wrapped(type_.of_type))
        return self.named(type_)

    def named(self, type_: Any) -> Any:
        """The one copy of a type; an input type itself, since it is visible as a whole or not at all."""
        if is_introspection_type(type_) or not isinstance(
            type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
        ):
            return type_
        if type_.name not in self.copies:
            kind: Any = type(type_)
            given: Any = type_.to_kwargs()
            if isinstance(type_, GraphQLUnionType):
                parts: dict[str, Any] = {
                    "resolve_type": resolving(type_),
                    "types": lambda: [self.named(one) for one in type_.types if self.sees_type(one)],
                }
            else:
                parts = {
                    "fields": lambda: self.fields(type_),
                    "interfaces": lambda: [self.named(one) for one in type_.interfaces if self.sees_type(one)],
                }
            self.copies[type_.name] = kind(**{**given, **parts})
        return self.copies[type_.name]

    def fields(self, type_: GraphQLObjectType | GraphQLInterfaceType) -> dict[str, GraphQLField]:
        """Copies of the visible fields with their visible arguments."""
        return {
            name: GraphQLField(
                **{
                    **field.to_kwargs(),
                    "type_": self.wrapped(field.type),
                    "args": {key: argument for key, argument in field.args.items() if self.sees(argument)},
                }
            )
            for name, field in type_.fields.items()
            if self.sees_field(type_, name)
        }


def resolving(union: GraphQLUnionType) -> Any:
    """How a union of the whole schema tells the type of a value, which it does by its own members."""
    resolve = union.resolve_type
    return None if resolve is None else lambda value, info, _: resolve(value, info, union)
