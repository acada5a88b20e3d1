"""Asks the compiler of plans about single fields: as if an operation selected that one of a row, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import strawberry
from django.db.models import Model
from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
)
from strawberry import relay

from gateway.checking.project import DeclaredField
from gateway.checking.reads import Presence, presences
from loaders.connections import Connection, Edge, total_count, total_count_is_exact
from loaders.fetches import Fetch
from loaders.resolutions import Embedded
from plans.compiler import Compiler
from plans.declarations import engine_field, plain_field, unguarded
from plans.errors import NotCompilable
from plans.statements import PagePresence, Statements
from plans.tree import FetchNode, Node

COUNTING = {total_count, total_count_is_exact}
PAGING = (Connection, Edge, relay.PageInfo)


class Probe:
    """Compiles fields of one schema one by one."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self.schema = schema

    def refusal(self, each: DeclaredField) -> str | None:
        """Why no plan covers the field, None where one does. Interfaces and inputs are read through other types."""
        graphql = self.schema._schema  # noqa: SLF001 - strawberry exposes no other way to it
        if not isinstance(each.kind, GraphQLObjectType):
            return None
        if each.kind in (graphql.mutation_type, graphql.subscription_type):
            return f"a {each.kind.name.lower()} is no query"
        try:
            if each.kind is graphql.query_type:
                self.compile(each, None)
            elif each.model is not None:
                self.compile(each, each.model)
            else:
                self.look(each)
        except NotCompilable as error:
            return error.reason
        except Exception:  # noqa: BLE001 - a fetch that fails: larder.E104 names it
            return None
        return None

    def compile(self, each: DeclaredField, model: type[Model] | None) -> None:
        """Compile the field of a row of ``model``, or of the root; with the least arguments and with all."""
        for node in selections(each):
            compiler = Compiler(self.schema, operation(), {}, {})
            if model is None:
                compiler.root(cast("GraphQLObjectType", each.kind), each.name, [node])
            else:
                compiler.value(cast("GraphQLObjectType", each.kind), row_of(model, each.kind.name), [node], each.name)
            for found in compiler.shape.nodes:
                params = found.fetch.params if isinstance(found, FetchNode) else found.listing.params
                for given in presences(each.declared, params):
                    Statements({found.index: presence_of(found, given)}).rows(found)

    def look(self, each: DeclaredField) -> None:
        """Look at a field of an object that is no row: a part of an embedded one, or of a connection."""
        resolver = each.declared.base_resolver
        counts = resolver is not None and resolver.wrapped_func in COUNTING
        if issubclass(each.origin, PAGING) and counts:
            unguarded(each.declared, each.name)
        elif each.resolution is not None:
            engine_field(cast("GraphQLObjectType", each.kind), each.name, each.name)
        else:
            plain_field(each.field, each.name)


def selections(each: DeclaredField) -> Iterator[FieldNode]:
    """The field with its required arguments as variables; of an embedded object then every part, one at a time.

    A part that is refused for what it is itself is left to itself.
    """
    yield selection(each.name, each.field, "__typename")
    if not isinstance(each.resolution, Embedded):
        return
    embedded = cast("GraphQLObjectType", get_named_type(each.field.type))
    for name, inner in embedded.fields.items():
        if is_plain(inner):
            yield selection(each.name, each.field, f"{name} {below(inner.type, '__typename')}")


def is_plain(field: Any) -> bool:
    """Whether strawberry reads the field off its object."""
    try:
        plain_field(field, "")
    except NotCompilable:
        return False
    return True


def selection(name: str, field: Any, inside: str) -> FieldNode:
    """``name(key: $key) { inside }``, as far as its type asks for it."""
    given = ", ".join(f"{key}: ${key}" for key, taken in field.args.items() if is_required_argument(taken))
    arguments = f"({given})" if given else ""
    return cast("FieldNode", parsed(f"{{ {name}{arguments} {below(field.type, inside)} }}").selection_set.selections[0])


def below(kind: GraphQLOutputType, inside: str) -> str:
    return "" if is_leaf_type(get_named_type(kind)) else f"{{ {inside} }}"


def operation() -> OperationDefinitionNode:
    return parsed("{ __typename }")


def parsed(text: str) -> OperationDefinitionNode:
    return cast("OperationDefinitionNode", parse(text).definitions[0])


def row_of(model: type[Model], type_name: str) -> FetchNode:
    """The node of some rows of a model."""
    rows = Fetch("row", model, "pk", "pk", many=False, build=lambda _: model._base_manager.order_by("pk"))
    return FetchNode(0, "", rows, None, None, type_name)


def presence_of(node: Node, given: Presence) -> Any:
    """The presence as statements take it."""
    return given if isinstance(node, FetchNode) else PagePresence(given, after=False, backward=False)
