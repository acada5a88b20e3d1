"""Facets: what a fetch reads of its viewer. Values come as text from outside, and never fail an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from loaders.errors import DeclarationError
from loaders.params import INSTANT, KEYS, Param

if TYPE_CHECKING:
    from django.db.models import Field

    from loaders.viewer import Viewer

TAKEN = {INSTANT, KEYS}
"""Names of parameters that are the engine's own."""


@dataclass(frozen=True, eq=False)
class Facet:
    """``field`` gives the SQL type and, by its choices, the values it knows; without choices it knows all that fit.

    default: the value for viewers without the facet, or with one that the field does not know.
    """

    field: Field[Any, Any]
    default: Any

    def __post_init__(self) -> None:
        if self.known(self.default) is None:
            raise DeclarationError(f"a facet's default must be one of its field's values, not {self.default!r}")

    def value(self, given: str | None) -> Any:
        """The parameter's value for what the viewer gives, None for a viewer without the facet."""
        known = None if given is None else self.known(given)
        return self.known(self.default) if known is None else known

    def known(self, given: Any) -> Any:
        """``given`` as the column holds it, None where the column cannot hold it."""
        if isinstance(given, str) and not storable(given):
            return None
        try:
            value = self.field.to_python(getattr(given, "value", given))
        except (ValidationError, ValueError, TypeError, OverflowError):
            return None
        return None if self.choices and value not in self.choices else value

    @cached_property
    def choices(self) -> frozenset[Any]:
        """The field's values; empty where it takes any."""
        return frozenset(value for value, _ in self.field.flatchoices)


def storable(text: str) -> bool:
    """Whether PostgreSQL's text can hold it: neither NUL nor half a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def facet_params(facets: Mapping[str, Facet]) -> dict[str, Param]:
    """A parameter for each facet."""
    return {name: Param(name, facet.field) for name, facet in facets.items()}


def facet_values(facets: Mapping[str, Facet], viewer: Viewer) -> dict[str, Any]:
    """The parameters' values for a viewer; one for every facet."""
    return {name: facet.value(viewer.facets.get(name)) for name, facet in facets.items()}


def check_facets(label: str, facets: Mapping[str, Facet], params: Mapping[str, Any]) -> None:
    """Raise ``DeclarationError`` for a facet with the name of another parameter."""
    for name in facets:
        if name in TAKEN or name in params:
            raise DeclarationError(f"{label}: the facet {name!r} has the name of another parameter")
