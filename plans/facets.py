"""What an operation reads of its viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLField, GraphQLSchema, OperationDefinitionNode
from strawberry.types.field import StrawberryField

from loaders.choices import FetchEachOf, FetchOneOf
from loaders.connections import ListByArguments, ListFromRow, total_count, total_count_is_exact
from loaders.fetching import FetchAll, FetchByArgument, FetchFromRow, NodeByArgument
from loaders.fields import FetchField
from plans.declarations import KNOWN
from plans.selected import SelectedField, fields_behind, selected
from plans.selections import DECIDING


@dataclass(frozen=True, slots=True)
class ViewerReads:
    """facets: names of those that the operation's fetches declare, sorted.

    anything: a field is selected with code of the application's own (a resolver, a permission, an extension, a
    directive), which may read all that its context holds of the viewer.
    """

    facets: tuple[str, ...] = ()
    anything: bool = False


def viewer_reads(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> ViewerReads:
    """What the operation of a valid document reads of its viewer, whichever fields @skip and @include leave."""
    facets: set[str] = set()
    anything = False
    for found in selected(schema, operation, fragments):
        if not isinstance(found, SelectedField) or found.field is None:
            continue
        for _, field in fields_behind(schema, found.parent, found.node.name.value):
            facets.update(facets_read(field))
            anything = anything or not is_declared(field)
        anything = anything or any(directive.name.value not in DECIDING for directive in found.node.directives or ())
    return ViewerReads(tuple(sorted(facets)), anything)


def facets_read(field: GraphQLField) -> Iterable[str]:
    """Names of the facets that the fetches behind a field declare."""
    resolution: Any = getattr(field.extensions.get("strawberry-definition"), "resolution", None)
    if isinstance(resolution, ListByArguments | ListFromRow):
        return resolution.listing.facets
    if isinstance(resolution, FetchAll | FetchByArgument | FetchFromRow):
        return resolution.fetch.facets
    if isinstance(resolution, FetchOneOf | FetchEachOf):
        return [name for _, fetch in resolution.choices.values() for name in fetch.facets]
    if isinstance(resolution, NodeByArgument):
        return [name for _, fetch in resolution.types.values() for name in fetch.facets]
    return ()


def is_declared(field: GraphQLField) -> bool:
    """Whether the field's value comes from a declaration of the engine's alone."""
    declared = field.extensions.get("strawberry-definition")
    if not isinstance(declared, StrawberryField) or declared.permission_classes or declared.extensions:
        return False
    if isinstance(declared, FetchField) and type(declared).get_result is FetchField.get_result:
        return type(declared.resolution) in KNOWN
    if type(declared) is not StrawberryField:
        return False
    resolver = declared.base_resolver
    return resolver is None or resolver.wrapped_func in (total_count, total_count_is_exact)
