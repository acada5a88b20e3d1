"""Totals: how many rows a list has, found out only when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from loaders.listings import COUNT_CAP, LIMIT
from loaders.loader import hashable
from loaders.recording import asked_by
from loaders.rows_by_key import RowsByKey

if TYPE_CHECKING:
    from loaders.listings import Listing
    from loaders.session import ReadSession


class Total(Protocol):
    """The number of rows in the whole list."""

    async def count(self) -> tuple[int, bool]:
        """(rows, exact). Exact up to 10,000."""


@dataclass(frozen=True, slots=True, eq=False)
class TotalOfList:
    """The number of rows of a listing with these filters; above 10,000 the planner's estimate.

    paths: of the connection, for a recording.
    """

    session: ReadSession
    listing: Listing
    given: Mapping[str, Any]
    paths: tuple[str, ...] = ()

    async def count(self) -> tuple[int, bool]:
        """(rows, exact)."""
        return await self.session.once(("total", self.listing, *hashable_items(self.given)), self._count)

    async def _count(self) -> tuple[int, bool]:
        with asked_by(self.paths):
            return await self._ask()

    async def _ask(self) -> tuple[int, bool]:
        names = tuple(self.given)
        [[count]] = await self.session.rows(self.listing.count(names), {**self.given, LIMIT: COUNT_CAP + 1})
        if count <= COUNT_CAP:
            return count, True
        [[plan]] = await self.session.rows(self.listing.estimate(names), self.given)
        return estimated(plan), False


@dataclass(frozen=True, slots=True, eq=False)
class TotalOfKey:
    """The number of rows that one key has in a listing with these filters; above 10,000 one more than that.

    All keys of a tick are counted in one statement. An estimate would cost one EXPLAIN for each key.
    """

    session: ReadSession
    listing: Listing
    given: Mapping[str, Any]
    key_path: str
    key: Any
    paths: tuple[str, ...] = ()

    async def count(self) -> tuple[int, bool]:
        """(rows, exact); no row for a null key."""
        if self.key is None:
            return 0, True
        [[count]] = await self._loader().load(self.key, self.paths)
        return count, count <= COUNT_CAP

    def _loader(self) -> RowsByKey:
        place = ("total", self.listing, self.key_path, *hashable_items(self.given))
        found: RowsByKey | None = self.session.loaders.get(place)
        if found is None:
            statement = self.listing.count_by_key(tuple(self.given), self.key_path)
            found = RowsByKey(self.session, statement, {**self.given, LIMIT: COUNT_CAP + 1})
            self.session.loaders[place] = found
        return found


def hashable_items(given: Mapping[str, Any]) -> tuple[Any, ...]:
    """The filters as part of a dictionary key."""
    return tuple((name, hashable(value)) for name, value in given.items())


def estimated(plan: Any) -> int:
    """The planner's number of rows, of which it is known that there are more than the cap."""
    return max(int(plan[0]["Plan"]["Plan Rows"]), COUNT_CAP + 1)
