"""Who asks: the identity that an operation is answered for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from loaders.errors import DeclarationError

NO_FACETS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Viewer:
    """One viewer. Not hashable: what depends on a viewer is keyed by single scopes and facets.

    subject: the name that stands for them in logs and limits; None for the anonymous.
    scopes: what they may do, such as ``prices:read``.
    facets: facet name -> value as text from outside. A fetch takes its own default where it knows no such value.
    """

    subject: str | None = None
    scopes: frozenset[str] = frozenset()
    facets: Mapping[str, str] = field(default_factory=lambda: NO_FACETS)

    __hash__: ClassVar[None]  # type: ignore[assignment]


ANONYMOUS = Viewer()
"""The viewer without a subject, a scope or a facet."""


def viewer_of(context: object, facets: Collection[str]) -> Viewer:
    """The viewer in an operation's context, ``ANONYMOUS`` where that has none or where no facet is read.

    Raises ``DeclarationError`` for a context whose ``viewer`` is something of the application's own.
    """
    if not facets:
        return ANONYMOUS
    found = getattr(context, "viewer", ANONYMOUS)
    if not isinstance(found, Viewer):
        raise DeclarationError(f"the context's viewer must be a loaders.viewer.Viewer, not {found!r}")
    return found
