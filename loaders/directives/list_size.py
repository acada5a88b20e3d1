"""``@listSize``: how long a list is (IBM's GraphQL Cost Directives specification, section 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many rows a list is taken for before it is read.",
)
class ListSize:
    """The directive as it is printed; ``list_size`` makes one."""

    assumed_size: int | None = UNSET
    slicing_arguments: list[str] | None = UNSET
    sized_fields: list[str] | None = UNSET
    require_one_slicing_argument: bool | None = UNSET


def list_size(assumed: int | None = None, *, by: Sequence[str] = (), of: Sequence[str] = ()) -> ListSize:
    """The size of the list that a field returns, or of those that its object has.

    assumed: where no argument bounds it; None: as the settings assume. by: the arguments that bound it, by their
    GraphQL names; the largest one given counts, a list among them by its length, which the specification leaves open.
    of: the lists inside the object that the field returns which have this size, as a connection's. An argument is
    never required: every page has a size of its own. Raises ``ValueError`` for an assumed size below 0.
    """
    if assumed is not None and assumed < 0:
        raise ValueError(f"an assumed size must not be below 0 (got {assumed})")
    return ListSize(
        assumed_size=UNSET if assumed is None else assumed,
        slicing_arguments=list(by) or UNSET,
        sized_fields=list(of) or UNSET,
        require_one_slicing_argument=False if by else UNSET,
    )


def with_list_size(size: ListSize, options: Mapping[str, Any]) -> dict[str, Any]:
    """A field's options with this size, unless they declare one themselves."""
    directives = tuple(options.get("directives", ()))
    if any(isinstance(one, ListSize) for one in directives):
        return dict(options)
    return {**options, "directives": (*directives, size)}
