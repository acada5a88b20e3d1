"""Whether answers of an operation may be kept at all, as far as its document and the schema tell.

An answer is kept for what the engine knows that it depends on. So every field must be the engine's own declaration:
what a resolver written by hand, a permission or an extension looks at, nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    is_abstract_type,
    is_object_type,
)
from strawberry.types.field import StrawberryField

from loaders.changes import silent_fetch, silent_value
from loaders.choices import FetchEachOf, FetchOneOf
from loaders.connections import total_count, total_count_is_exact
from loaders.fetches import Fetch
from loaders.fetching import NodeByArgument
from loaders.fields import FetchField
from loaders.resolutions import Computed, Embedded
from plans.declarations import engine_field, leaf_of, plain_field, unguarded
from plans.errors import NotCompilable
from plans.extensions import foreign_extension
from plans.operations import chosen
from plans.selections import DECIDING, fragments_of

TOTALS = {total_count, total_count_is_exact}


def uncacheable(schema: strawberry.Schema, document: DocumentNode, operation_name: str | None = None) -> str | None:
    """Why answers of a valid document's operation cannot be kept, None where they may.

    What @skip and @include leave out counts too. Where this is None, a read session that was given the tracking still
    has the last word (``ReadSession.stamp``).
    """
    if (foreign := foreign_extension(schema)) is not None:
        return f"the schema extension {foreign}"
    try:
        operation = chosen(document, operation_name)
        Check(schema._schema, fragments_of(document)).operation(operation)  # noqa: SLF001 - no other way
    except NotCompilable as error:
        return str(error)
    return None


class Check:
    """Walks one operation. Raises ``NotCompilable`` at the first field that stands in the way."""

    def __init__(self, graphql: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.graphql = graphql
        self.fragments = fragments
        self.seen: set[tuple[str, int]] = set()

    def operation(self, operation: OperationDefinitionNode) -> None:
        """The whole operation."""
        if operation.operation is not OperationType.QUERY:
            raise NotCompilable(f"a {operation.operation.value}")
        refuse_directives(operation)
        query = self.graphql.query_type
        if query is not None:
            self.below(query, operation.selection_set, "")

    def below(self, as_type: GraphQLObjectType, selected: SelectionSetNode, path: str) -> None:
        """What is selected of an object type; each selection set once."""
        place = (as_type.name, id(selected))
        if place in self.seen:
            return
        self.seen.add(place)
        for node in self.fields(as_type, selected, set()):
            name = node.name.value
            if name == "__typename":
                continue
            at = f"{path}.{(node.alias or node.name).value}".removeprefix(".")
            if name.startswith("__"):
                raise NotCompilable("introspection", at)
            field = as_type.fields[name]
            check_field(as_type, name, field, at)
            if node.selection_set is not None:
                for inner in self.objects(leaf_of(field.type)):
                    self.below(inner, node.selection_set, at)

    def objects(self, named: Any) -> Iterable[GraphQLObjectType]:
        """The object types that a named type may turn out to be."""
        if is_abstract_type(named):
            return self.graphql.get_possible_types(named)
        return [named] if is_object_type(named) else []

    def fields(self, as_type: GraphQLObjectType, selected: SelectionSetNode, spread: set[str]) -> Iterator[FieldNode]:
        """Every field that is selected of the type, whatever @skip and @include say. spread: fragments seen there."""
        for selection in selected.selections:
            refuse_directives(selection)
            if isinstance(selection, FieldNode):
                yield selection
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, FragmentSpreadNode):
                if selection.name.value in spread:
                    continue
                spread.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
            elif isinstance(selection, InlineFragmentNode):
                fragment = selection
            else:
                raise NotCompilable(f"a {selection.kind} selection")
            condition = fragment.type_condition
            wanted = None if condition is None else self.graphql.get_type(condition.name.value)
            if (
                wanted is None
                or wanted is as_type
                or (is_abstract_type(wanted) and self.graphql.is_sub_type(wanted, as_type))
            ):
                yield from self.fields(as_type, fragment.selection_set, spread)


def refuse_directives(node: Any) -> None:
    """Refuse every directive but GraphQL's own."""
    for directive in node.directives or ():
        if directive.name.value not in DECIDING:
            raise NotCompilable(f"the directive @{directive.name.value}")


def check_field(as_type: GraphQLObjectType, name: str, field: GraphQLField, path: str) -> None:
    """Refuse a field whose value depends on what nobody knows, or that changes nobody knows when."""
    declared = field.extensions.get("strawberry-definition")
    if not isinstance(declared, FetchField):
        resolver = declared.base_resolver if isinstance(declared, StrawberryField) else None
        if isinstance(declared, StrawberryField) and resolver is not None and resolver.wrapped_func in TOTALS:
            unguarded(declared, path)
            return
        plain_field(field, path)
        return
    _, checked = engine_field(as_type, name, path)
    for fetch in fetches_of(checked.resolution):
        if type(fetch) is not Fetch:
            raise NotCompilable("a fetch of a class of its own", path)
        if fetch.reads_instant and fetch.changes is None:
            raise NotCompilable(silent_fetch(fetch), path)
    for computed in computed_of(checked.resolution):
        if computed.reads_instant and computed.changes_at is None:
            raise NotCompilable(silent_value(computed), path)


def fetches_of(resolution: Any) -> list[Any]:
    """The fetches behind a resolution."""
    if isinstance(resolution, FetchOneOf | FetchEachOf):
        return [fetch for _, fetch in resolution.choices.values()]
    if isinstance(resolution, NodeByArgument):
        return [fetch for _, fetch in resolution.types.values()]
    fetch = getattr(resolution, "fetch", None)
    return [] if fetch is None else [fetch]


def computed_of(resolution: Any) -> Iterator[Computed]:
    """The computed values of a resolution: its own, or those of an embedded object's parts, selected or not."""
    if isinstance(resolution, Computed):
        yield resolution
    elif isinstance(resolution, Embedded):
        for part in resolution.parts.values():
            yield from computed_of(part)
