"""How long an answer may be kept: Apollo's ``@cacheControl``.

https://www.apollographql.com/docs/apollo-server/performance/caching#in-your-schema-static
"""

from __future__ import annotations

import enum

import strawberry
from strawberry.directive import directive_field
from strawberry.schema_directive import Location


@strawberry.enum(name="CacheControlScope", description="Who may keep an answer.")
class CacheControlScope(enum.Enum):
    """Scope of a hint."""

    PUBLIC = strawberry.enum_value("PUBLIC", description="Everybody on the way to the client.")
    PRIVATE = strawberry.enum_value("PRIVATE", description="Only the client itself.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE, Location.UNION],
    name="cacheControl",
    description="How long this may be kept outside, and by whom.",
)
class CacheControl:
    """One hint. A field's replaces that of the type it returns, part by part."""

    max_age: int | None = directive_field(name="maxAge", default=strawberry.UNSET)
    scope: CacheControlScope | None = directive_field(name="scope", default=strawberry.UNSET)
    inherit_max_age: bool | None = directive_field(name="inheritMaxAge", default=strawberry.UNSET)


INHERITED = CacheControl(inherit_max_age=True)
"""The hint of what is kept as long as what it is part of."""
