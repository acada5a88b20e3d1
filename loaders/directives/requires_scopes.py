"""Which scopes a viewer needs: Apollo Federation's ``@requiresScopes``.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#requiresscopes
"""

from __future__ import annotations

import strawberry
from strawberry.schema_directive import Location

from loaders.errors import DeclarationError


@strawberry.schema_directive(
    locations=[
        Location.ENUM,
        Location.FIELD_DEFINITION,
        Location.INTERFACE,
        Location.OBJECT,
        Location.SCALAR,
    ],
    name="requiresScopes",
    description="Who may select this: viewers with all scopes of one of the lists.",
)
class RequiresScopes:
    """The directive as it is printed; ``requires_scopes`` makes one.

    On a type it counts for every field that returns the type, and wherever the type is named.
    """

    scopes: list[list[str]]

    def __post_init__(self) -> None:
        named = [name for alternative in self.scopes for name in alternative]
        if not self.scopes or not all(self.scopes) or not all(name and not name.isspace() for name in named):
            raise DeclarationError(f"@requiresScopes needs lists of at least one scope each, not {self.scopes!r}")


def requires_scopes(*alternatives: str | list[str]) -> RequiresScopes:
    """One of the alternatives: a scope, or a list of scopes that are needed together."""
    return RequiresScopes(scopes=[[found] if isinstance(found, str) else list(found) for found in alternatives])
