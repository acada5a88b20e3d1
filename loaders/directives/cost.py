"""``@cost``: what a field, a type or an argument weighs (IBM's GraphQL Cost Directives specification, section 3.1)."""

from __future__ import annotations

import math

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[
        Location.ARGUMENT_DEFINITION,
        Location.ENUM,
        Location.FIELD_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.OBJECT,
        Location.SCALAR,
    ],
    name="cost",
    description="How much one costs; without, an object costs 1 and everything else nothing.",
)
class Cost:
    """The directive as it is printed; ``cost`` makes one."""

    weight: str


def cost(weight: float) -> Cost:
    """A weight: of a field in place of its type's, of a type, of an argument that is given.

    Raises ``ValueError`` for one below 0, which the specification allows and a budget cannot use.
    """
    if not 0 <= weight < math.inf:
        raise ValueError(f"a weight must be a number from 0 on (got {weight!r})")
    return Cost(weight=str(weight))
