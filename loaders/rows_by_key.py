"""The DataLoader of one keyed statement with its values, living one operation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aiodataloader import DataLoader

from loaders.errors import StoreError
from loaders.params import KEYS
from loaders.recording import asked_by
from loaders.waiting import own

if TYPE_CHECKING:
    from loaders.session import ReadSession
    from loaders.statement import Statement


class RowsByKey(DataLoader[Any, Any]):
    """Batches the keys of one tick into one statement, whose first column is the key.

    ``load`` takes a key as the row at hand holds it and gives the key's rows without the key, in the statement's
    order; [] when none. A failed batch is not remembered.
    """

    def __init__(self, session: ReadSession, statement: Statement, values: Mapping[str, Any]) -> None:
        super().__init__()
        self.session = session
        self.statement = statement
        self.values = values
        self.asking: dict[str, None] = {}

    def load(self, key: Any, paths: tuple[str, ...] = ()) -> asyncio.Future[Any]:
        """Future of the key's rows, the caller's own: cancelling it harms no other field that waits for the key.

        paths: of the field that loads, for a recording; () when nobody records.
        """
        self.asking.update(dict.fromkeys(paths))
        cached = self._cache.get(key)
        if cached is not None and cached.cancelled():
            self.clear(key)
        return own(super().load(key))

    async def batch_load_fn(self, keys: Sequence[Any]) -> list[Any]:
        """One list of rows per key, in the order of ``keys``."""
        asking, self.asking = self.asking, {}
        try:
            with asked_by(asking):
                rows = await self.session.rows(self.statement, {**self.values, KEYS: list(keys)})
        except asyncio.CancelledError as error:
            # aiodataloader would leave every waiter of this batch hanging on a CancelledError.
            raise StoreError("the load was cancelled") from error
        grouped: dict[Any, list[Any]] = {}
        for row in rows:
            grouped.setdefault(row[0], []).append(row[1:])
        return [grouped.get(key, []) for key in keys]
