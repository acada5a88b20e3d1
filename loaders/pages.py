"""Pages: what of a listing a request asks for (Relay's Cursor Connections Specification, Arguments)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from loaders.cursors import decode_cursor
from loaders.errors import BadArgument
from loaders.fields import argument
from loaders.listings import LIMIT

if TYPE_CHECKING:
    from strawberry.types.arguments import StrawberryArgument

    from loaders.listings import Listing

MAX_PAGE: int = getattr(settings, "LARDER_MAX_PAGE", 100)
"""Rows of a page at most: Django's setting of this name, because the schema's text tells it too."""

DEFAULT_PAGE = min(20, MAX_PAGE)


@dataclass(frozen=True, slots=True)
class Page:
    """What of a listing a request asks for: ``size`` rows, after or before a cursor."""

    size: int
    cursor: str | None
    backward: bool

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Page:
        """Read first/after/last/before. Raises ``BadArgument`` for a combination that means nothing."""
        first, last, after, before = (arguments.get(name) for name in ("first", "last", "after", "before"))
        if first is not None and last is not None:
            msg = "first and last exclude each other"
            raise BadArgument(msg)
        backward = last is not None
        if (before if not backward else after) is not None:
            msg = "after goes with first, before goes with last"
            raise BadArgument(msg)
        size = last if last is not None else DEFAULT_PAGE if first is None else first
        if not 0 <= size <= MAX_PAGE:
            msg = f"{'last' if backward else 'first'} must be between 0 and {MAX_PAGE}, not {size}"
            raise BadArgument(msg)
        return cls(size, before if backward else after, backward)

    def values(self, listing: Listing, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the listing's page statement: filters, position and one row more than asked for.

        Raises ``BadCursor`` for a cursor of another list.
        """
        values = {**given, LIMIT: self.size + 1}
        if self.cursor is not None:
            position = decode_cursor(self.cursor, listing.fingerprint(given), len(listing.columns))
            values.update(listing.position(position))
        return values


def paging_arguments() -> list[StrawberryArgument]:
    """The arguments of a connection that ``Page.of`` reads."""
    return [
        argument(
            "first",
            int | None,
            f"Rows from the start; {DEFAULT_PAGE} if neither first nor last is given, at most {MAX_PAGE}.",
        ),
        argument("after", str | None, "Go on after this cursor."),
        argument("last", int | None, f"Rows from the end, at most {MAX_PAGE}."),
        argument("before", str | None, "Go back from this cursor."),
    ]
