"""The DataLoader of one fetch with one set of arguments and columns, living one operation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aiodataloader import DataLoader

from loaders.errors import StoreError
from loaders.params import KEYS
from loaders.recording import asked_by, is_recording, pattern
from loaders.rows import empty_row, maker
from loaders.viewer import ANONYMOUS, Viewer
from loaders.waiting import own

if TYPE_CHECKING:
    from loaders.fetches import Fetch
    from loaders.session import ReadSession


class FetchLoader(DataLoader[Any, Any]):
    """Batches the keys of one tick into one statement.

    ``load`` takes a key of the fetch's own type and gives the key's rows (a list, in the fetch's order, [] when
    none), or for a to-one fetch its row or None. A failed batch is not remembered.
    """

    def __init__(
        self,
        session: ReadSession,
        fetch: Fetch,
        as_type: type | None,
        columns: tuple[str, ...],
        given: Mapping[str, Any],
    ) -> None:
        super().__init__()
        self.session = session
        self.fetch = fetch
        self.given = given
        self.asking: dict[Any, list[str]] = {}
        self.statement = fetch.statement(columns, tuple(given))
        self.make = maker(as_type, self.statement.columns)
        self.missing = empty_row(as_type, self.statement.columns) if fetch.empty_when_missing else None

    def load(self, key: Any, info: Any = None) -> asyncio.Future[Any]:
        """Future of the value for ``key``, the caller's own: cancelling it harms no other field that waits for the key.

        info: strawberry's, of the field that loads, so that a recording can tell which fields caused a statement.
        """
        key = self.fetch.key(key)
        if info is not None and is_recording():
            self.asking.setdefault(key, []).append(pattern(info.path))
        cached = self._cache.get(key)
        if cached is not None and cached.cancelled():
            self.clear(key)
        return own(super().load(key))

    async def batch_load_fn(self, keys: Sequence[Any]) -> list[Any]:
        """One value per key, in the order of ``keys``."""
        try:
            with asked_by(self.askers(keys)):
                rows = await self.session.rows(self.statement, {**self.given, KEYS: list(keys)})
            if self.session.noted is not None:
                self.session.noted.fetch(self.fetch)
        except asyncio.CancelledError as error:
            # aiodataloader would leave every waiter of this batch hanging on a CancelledError.
            msg = "the load was cancelled"
            raise StoreError(msg) from error
        make = self.make
        if self.fetch.key_path is None:
            return [[make(row) for row in rows] for _ in keys]
        grouped: dict[Any, list[Any]] = {}
        for row in rows:
            grouped.setdefault(row[0], []).append(make(row))
        if self.fetch.many:
            return [grouped.get(key, []) for key in keys]
        return [grouped[key][0] if key in grouped else self.missing for key in keys]

    def askers(self, keys: Sequence[Any]) -> list[str]:
        """Path patterns of the fields that asked for ``keys``, without repetition; [] when nobody records."""
        return list(dict.fromkeys(path for key in keys for path in self.asking.pop(key, ()))) if self.asking else []


def loader_for(
    session: ReadSession,
    fetch: Fetch,
    as_type: type | None,
    columns: tuple[str, ...],
    arguments: Mapping[str, Any],
    viewer: Viewer = ANONYMOUS,
) -> FetchLoader:
    """The session's loader for this fetch, these columns, these arguments and what the fetch reads of the viewer."""
    given = fetch.given(arguments, viewer)
    key = (fetch, as_type, columns, *((name, hashable(value)) for name, value in given.items()))
    found: FetchLoader | None = session.loaders.get(key)
    if found is None:
        found = session.loaders[key] = FetchLoader(session, fetch, as_type, columns, given)
    return found


def hashable(value: Any) -> Any:
    """A dictionary key for an argument: equal only for the same type and value."""
    if isinstance(value, list):
        return tuple(hashable(item) for item in value)
    if isinstance(value, Decimal | float | datetime):
        # 1.0 and 1.00 are equal, and so is one instant in two zones, but they may print differently.
        return type(value), repr(value)
    return type(value), value
