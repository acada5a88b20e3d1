"""Compiles connections: pages of listings, at the root or below a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from graphql import FieldNode, GraphQLField, GraphQLNonNull, GraphQLObjectType
from strawberry import relay

from loaders.connections import Connection, Edge, ListByArguments, ListFromRow, total_count, total_count_is_exact
from loaders.listings import Listing
from plans.arguments import Arguments
from plans.declarations import definition_of, plain_field, unguarded
from plans.errors import NotCompilable
from plans.selections import selection_sets
from plans.tree import TOTALS, Node, PageField, PageNode, Typename, View

if TYPE_CHECKING:
    from plans.compiler import Compiler

PARTS = {
    "edges": {"cursor"},
    "page_info": {"has_next_page", "has_previous_page", "start_cursor", "end_cursor"},
}


def page_node(
    compiler: Compiler,
    resolution: ListByArguments | ListFromRow,
    field: GraphQLField,
    nodes: list[FieldNode],
    path: str,
    *,
    parent: Node | None,
    arguments: Arguments,
) -> PageNode:
    """A page of a listing, with what its connection shows."""
    if type(resolution.listing) is not Listing:
        raise NotCompilable("a listing of a class of its own", path)
    as_type = compiler.object_type(field.type, path)
    if not isinstance(field.type, GraphQLNonNull) or not issubclass(definition_of(as_type, path).origin, Connection):
        raise NotCompilable(f"a connection of the type {field.type}", path)
    # A type that may hide rows is refused even where they are only counted.
    compiler.object_type(as_type.fields["nodes"].type, path)
    key_path, parent_column = (
        (resolution.key_path, resolution.parent_column) if isinstance(resolution, ListFromRow) else (None, "id")
    )
    node = PageNode(
        len(compiler.shape.nodes),
        path,
        resolution.listing,
        parent,
        arguments,
        as_type.name,
        key_path,
        parent_column,
    )
    compiler.add(node, path)
    for key, below in compiler.selections.fields(as_type, selection_sets(nodes)).items():
        node.fields.append((key, page_field(compiler, node, as_type, below, f"{path}.{key}")))
    return node


def page_field(
    compiler: Compiler, node: PageNode, as_type: GraphQLObjectType, nodes: list[FieldNode], path: str
) -> PageField | Typename:
    """One field of a connection."""
    name = nodes[0].name.value
    if name == "__typename":
        return Typename(as_type.name)
    field = as_type.fields[name]
    declared = field.extensions["strawberry-definition"]
    part, resolver = declared.python_name, declared.base_resolver
    unguarded(declared, path)
    if part in TOTALS and resolver is not None and resolver.wrapped_func in (total_count, total_count_is_exact):
        return PageField(part)
    if resolver is not None or part not in {"nodes", "edges", "page_info"}:
        raise NotCompilable("a resolver of its own", path)
    if part == "nodes":
        return PageField(part, (("", compiler.view(compiler.object_type(field.type, path), node, nodes, f"{path}[]")),))
    return PageField(part, tuple(page_parts(compiler, node, part, field, nodes, path)))


def page_parts(
    compiler: Compiler, node: PageNode, part: str, field: GraphQLField, nodes: list[FieldNode], path: str
) -> Iterator[tuple[str, str | Typename | View]]:
    """The fields of an edge or of the page's information."""
    as_type = compiler.object_type(field.type, path)
    expected = Edge if part == "edges" else relay.PageInfo
    if not issubclass(definition_of(as_type, path).origin, expected):
        raise NotCompilable(f"{as_type.name} is no {expected.__name__}", path)
    for key, below in compiler.selections.fields(as_type, selection_sets(nodes)).items():
        place, name = f"{path}{'[]' if part == 'edges' else ''}.{key}", below[0].name.value
        if name == "__typename":
            yield key, Typename(as_type.name)
            continue
        inner = as_type.fields[name]
        known = plain_field(inner, place).python_name
        if known == "node" and part == "edges":
            yield key, compiler.view(compiler.object_type(inner.type, place), node, below, place)
        elif known in PARTS[part]:
            yield key, known
        else:
            raise NotCompilable(f"a field that {expected.__name__} does not have", place)
