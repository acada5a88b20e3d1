"""Which columns an operation needs of a type: those behind the fields it selects, no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from strawberry.types import get_object_definition

from loaders.errors import DeclarationError
from loaders.resolutions import Resolution

if TYPE_CHECKING:
    from strawberry.schema.config import StrawberryConfig
    from strawberry.types.base import StrawberryObjectDefinition
    from strawberry.types.field import StrawberryField

    from loaders.session import ReadSession


def needed_columns(info: Any, session: ReadSession, as_type: type, path: Sequence[str] = ()) -> tuple[str, ...]:
    """Columns that the selections below the current field need of ``as_type``, sorted.

    path: response structure between the field and the type, e.g. ("edges", "node") in a connection. Fields behind
    @skip or @include count as selected. Computed once per field node and operation.
    """
    raw = info._raw_info  # noqa: SLF001 - strawberry keeps the AST nodes there
    nodes = raw.field_nodes
    key = (as_type, *path, *map(id, nodes))
    found = session.columns.get(key)
    if found is None:
        sets = [node.selection_set for node in nodes if node.selection_set]
        for step in path:
            sets = [
                node.selection_set
                for node in fields(sets, raw.fragments)
                if node.name.value == step and node.selection_set
            ]
        names = {node.name.value for node in fields(sets, raw.fragments)}
        definition = get_object_definition(as_type, strict=True)
        found = session.columns[key] = columns_of(definition, names, info.schema.config)
    return found


def fields(sets: Iterable[SelectionSetNode], fragments: dict[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    """Every field node selected directly or through fragments, whatever their type conditions."""
    seen: set[str] = set()
    stack = list(sets)
    while stack:
        for selection in stack.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                stack.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                stack.append(fragments[selection.name.value].selection_set)


def columns_of(definition: StrawberryObjectDefinition, names: set[str], config: StrawberryConfig) -> tuple[str, ...]:
    """The columns behind the fields of that GraphQL name, sorted; names that the type does not have are ignored.

    Raises ``DeclarationError`` for a type whose rows a fetch must not give.
    """
    refuse_hooks(definition)
    columns: set[str] = set()
    for field in definition.fields:
        if config.name_converter.get_graphql_name(field) in names:
            columns.update(field_columns(definition, field))
    return tuple(sorted(columns))


def refuse_hooks(definition: StrawberryObjectDefinition) -> None:
    """Raise ``DeclarationError`` for a type with ``get_queryset``: no fetch calls it, so rows that it hides would leak.

    strawberry-django passes it each queryset together with the request, so its filter is not known beforehand.
    """
    if hasattr(definition.origin, "get_queryset"):
        raise DeclarationError(
            f"{definition.name}.get_queryset is not called by fetches, which would show the rows that it hides: "
            f"declare a fetch with that rule and drop the method, or put the rule in the model's default manager"
        )


def field_columns(definition: StrawberryObjectDefinition, field: StrawberryField) -> Iterable[str]:
    """Columns that one field reads. A resolver written by hand may read any column of its row."""
    resolution = getattr(field, "resolution", None)
    if isinstance(resolution, Resolution):
        return resolution.columns
    django = getattr(definition.origin, "__strawberry_django_definition__", None)
    return () if django is None else [column.attname for column in django.model._meta.concrete_fields]
