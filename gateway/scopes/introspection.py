"""Who may ask for the schema itself: ``__schema`` and ``__type``. ``__typename`` is always answered."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from gateway.endpoint.errors import RequestError
from gateway.scopes.access import OFF, allowed, scope_in
from gateway.scopes.required import Requirement, refusal
from loaders.viewer import Viewer
from plans.selected import SelectedField, selected

FIELDS = ("__schema", "__type")


def introspected(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """Which of the two an operation of a valid document asks for, each once."""
    return tuple(
        dict.fromkeys(
            found.node.name.value
            for found in selected(schema, operation, fragments)
            if isinstance(found, SelectedField) and found.node.name.value in FIELDS
        )
    )


def check_introspection(setting: str, fields: tuple[str, ...], viewer: Viewer) -> None:
    """Raise ``RequestError`` for a viewer who asks for ``fields`` and may not."""
    if not fields or allowed(setting, viewer):
        return
    if setting == OFF:
        raise RequestError(403, "INTROSPECTION_OFF", f"introspection is off: {fields[0]} is not answered")
    raise refusal(Requirement(f"Query.{fields[0]}", frozenset({frozenset({scope_in(setting)})})), viewer)
