"""Examples made of a schema: one page of a list with the scalars of its rows, and one object by its key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_scalar_type,
)

from gateway.graphiql.example import Example

SIZES = ("first", "limit", "take", "size")
"""Arguments that bound a page, by custom."""

PAGE_SIZE = 10
ROWS = ("nodes", "items", "edges")
"""Fields that hold the rows of a page, by custom; those of edges are one step further down."""

MOST_LEAVES = 12

Selected = GraphQLObjectType | GraphQLInterfaceType


def generated(schema: GraphQLSchema) -> tuple[Example, ...]:
    """At most two examples: the first list among the root's fields, and the first object that one key finds."""
    fields = schema.query_type.fields if schema.query_type is not None else {}
    made = (next(lists(fields), None), next(objects(fields), None))
    return tuple(example for example in made if example is not None)


def lists(fields: Mapping[str, GraphQLField]) -> Iterator[Example]:
    """One example for each list that needs no argument."""
    for name, field in fields.items():
        rows = rows_of(field)
        if rows is not None and not required(field) and field.deprecation_reason is None:
            size = next((one for one in SIZES if one in field.args), None)
            arguments = f"({size}: {PAGE_SIZE})" if size else ""
            yield Example(titled(name), "One page of a list.", document(titled(name), "", f"{name}{arguments}", rows))


def objects(fields: Mapping[str, GraphQLField]) -> Iterator[Example]:
    """One example for each object that one scalar finds."""
    for name, field in fields.items():
        needed, found = required(field), get_nullable_type(field.type)
        if len(needed) != 1 or not isinstance(found, Selected) or field.deprecation_reason is not None:
            continue
        [(key, argument)] = needed.items()
        if is_scalar_type(get_nullable_type(argument.type)):
            title = f"{titled(name)}By{titled(key)}"
            text = document(title, f"(${key}: {argument.type})", f"{name}({key}: ${key})", leaves(found))
            yield Example(title, "One object by its key.", text, json.dumps({key: ""}, indent=2))


def rows_of(field: GraphQLField) -> list[str] | None:
    """The lines that select the rows of a list or a connection, None of anything else."""
    found, row = get_nullable_type(field.type), get_named_type(field.type)
    if is_list_type(found):
        return leaves(row) if is_composite_type(row) else []
    if not isinstance(found, Selected):
        return None
    for name in ROWS:
        held = found.fields.get(name)
        if held is None or not is_list_type(get_nullable_type(held.type)):
            continue
        row = get_named_type(held.type)
        if name == "edges" and isinstance(row, Selected) and "node" in row.fields:
            return nested("edges", nested("node", leaves(get_named_type(row.fields["node"].type))))
        return nested(name, leaves(row)) if is_composite_type(row) else [name]
    return None


def leaves(found: GraphQLNamedType) -> list[str]:
    """The lines that select what a row holds itself."""
    fields = found.fields.items() if isinstance(found, Selected) else ()
    names = [
        name
        for name, field in fields
        if is_leaf_type(get_named_type(field.type)) and not required(field) and field.deprecation_reason is None
    ]
    return names[:MOST_LEAVES] or ["__typename"]


def required(field: GraphQLField) -> dict[str, GraphQLArgument]:
    """The arguments that a field has to be given."""
    return {name: argument for name, argument in field.args.items() if is_required_argument(argument)}


def nested(name: str, lines: list[str]) -> list[str]:
    """The lines inside a field."""
    return [f"{name} {{", *(f"  {line}" for line in lines), "}"]


def document(title: str, variables: str, field: str, lines: list[str]) -> str:
    """A query with one field."""
    inner = nested(field, lines) if lines else [field]
    return "\n".join(nested(f"query {title}{variables}", inner)) + "\n"


def titled(name: str) -> str:
    """``location`` as ``Location``."""
    return name[:1].upper() + name[1:]
