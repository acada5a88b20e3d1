"""A read session: one operation's reads, in one snapshot, at one instant."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from psycopg import DataError, Error
from psycopg.errors import DivisionByZero
from psycopg.sql import SQL

from loaders.changes import ChangeUnknown, earliest_sql, first_of
from loaders.errors import BadArgument, LarderError, StoreUnavailable
from loaders.lanes import LOST, is_refusal
from loaders.noted import Noted
from loaders.params import INSTANT, KEYS, Param
from loaders.recording import is_recording, record
from loaders.rewrites import REWRITTEN, TABLES, named_tables, quoted
from loaders.stamps import HEADS, HEADS_PARAM, Stamp, Tracking, versions_sql
from loaders.statement import Statement

if TYPE_CHECKING:
    from types import TracebackType

    from psycopg import AsyncConnection

    from loaders.lanes import Lanes

T = TypeVar("T")


class ReadSession:
    """Holds one lane from the first load to the end of the operation.

    Every statement of the session sees the same snapshot of the store (REPEATABLE READ READ ONLY). The first one
    reads the transaction's clock: the *operation instant*, the only *now* in the operation. ``statements`` counts
    those after it. Use as an async context manager; one per operation, never shared.

    instant: the operation instant instead of the clock's. snapshot: the name of a snapshot that another transaction
    has exported and keeps open until this session has begun. tracking: which tables are tracked, to have what is read
    noted for ``stamp``; None to leave that out.
    """

    def __init__(
        self,
        lanes: Lanes,
        *,
        instant: datetime | None = None,
        snapshot: str | None = None,
        tracking: Tracking | None = None,
    ) -> None:
        self.lanes = lanes
        self.injected = instant
        self.snapshot = snapshot
        self.tracking = tracking
        self.noted = None if tracking is None else Noted()
        self.loaders: dict[object, Any] = {}
        self.columns: dict[object, tuple[str, ...]] = {}
        self.statements = 0
        self._instant = instant
        self._lane: AsyncConnection[Any] | None = None
        self._stack = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._closed = False
        self._tables: set[str] = set()
        self._once: dict[object, asyncio.Future[Any]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closed = True
        for pending in self._once.values():
            pending.cancel()
        # Execution may end, by an error, before every load has; what still runs must not use the lane afterwards.
        async with self._turn:
            await self._stack.aclose()

    @property
    def instant(self) -> datetime:
        """The operation instant (aware, UTC). Known once anything was loaded."""
        if self._instant is None:
            msg = "the operation instant is read with the first load; nothing was loaded yet"
            raise LarderError(msg)
        return self._instant

    @property
    def started(self) -> bool:
        """Whether anything was read, so that the snapshot is chosen."""
        return self._lane is not None

    async def begin(self) -> None:
        """Take the snapshot now rather than with the first load."""
        async with self._turn:
            self._lane = self._lane or await self._begin()

    async def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement in the session's snapshot. Raises ``StoreUnavailable`` when the store fails."""
        async with self._turn:
            if self._closed:
                raise LarderError("the operation is over")
            try:
                lane = self._lane or await self._begin()
                self.statements += 1
                self._tables |= named_tables(statement.text)
                if self.noted is not None:
                    self.noted.statement(statement)
                if is_recording():
                    record(statement.text, keys=keys_in(statement, values))
                return await fetched(lane, statement, {**values, INSTANT: self._instant})
            except DivisionByZero:
                # The one of these errors that what is stored can cause.
                raise
            except DataError as error:
                msg = f"an argument has a value that the store cannot hold: {first_line(error)}"
                raise BadArgument(msg) from error
            except LOST as error:
                if is_refusal(error):
                    raise
                raise StoreUnavailable from error

    async def rewritten(self) -> bool:
        """Whether a table that the session has read was copied or emptied meanwhile, so that it was found empty."""
        if self._lane is None or not self._tables:
            return False
        async with self._turn:
            try:
                [(count,)] = await fetched(self._lane, REWRITTEN, {TABLES: quoted(self._tables)})
            except Error:
                # What was read stands on a snapshot that is gone: nobody can tell.
                return True
        return bool(count)

    async def stamp(self) -> Stamp | None:
        """What everything that was read stays true under; None where nothing was read, or where it cannot be told.

        Why it cannot is in ``noted.uncacheable``. One statement, in the same snapshot.
        """
        tracking, noted = self.tracking, self.noted
        if tracking is None or noted is None or self._lane is None:
            return None
        changes = earliest_sql(tuple(noted.changes))
        if changes is not None:
            noted.names |= named_tables(changes.text)
        if (name := tracking.untracked(noted.names)) is not None:
            noted.refuse(f"nobody tracks what is written to {name}")
        if noted.uncacheable is not None:
            return None
        try:
            computed = noted.changes_at(self.instant)
            heads = tracking.heads_of(noted.names)
            statement = stamping(tracking.heads_table, changes)
            async with self._turn:
                [(versions, fetched_at)] = await fetched(self._lane, statement, {HEADS: heads, INSTANT: self.instant})
        except Error as error:
            noted.refuse(f"the store failed: {type(error).__name__}")
            return None
        except ChangeUnknown as error:
            noted.refuse(str(error))
            return None
        return Stamp(dict(zip(heads, versions, strict=True)), self.instant, first_of(computed, fetched_at))

    async def _begin(self) -> AsyncConnection[Any]:
        """Take a lane and open its snapshot.

        A lane whose connection died while it was idle shows it here, before anything was read: the next one is tried.
        """
        for _ in range(self.lanes.count):
            try:
                return await self._open_lane()
            except LOST:
                await self._stack.aclose()
        return await self._open_lane()

    async def _open_lane(self) -> AsyncConnection[Any]:
        lane = await self._stack.enter_async_context(self.lanes.lane())
        if self.snapshot is not None:
            await lane.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(self.snapshot))
        cursor = await lane.execute(self.lanes.opening)
        row = await cursor.fetchone()
        if self._instant is None and row is not None:
            self._instant = row[0]
        self._lane = lane
        return lane

    async def once(self, key: object, compute: Callable[[], Awaitable[T]]) -> T:
        """The result of ``compute()``, run once per session for this key."""
        if key not in self._once:
            self._once[key] = asyncio.ensure_future(compute())
        result: T = await asyncio.shield(self._once[key])
        return result


def stamping(heads_table: str, changes: Statement | None) -> Statement:
    """The statement that reads versions, and the earliest of the fetches' changes."""
    text, binds = (changes.text, changes.binds) if changes is not None else ("NULL::timestamptz", ())
    return Statement(f"SELECT {versions_sql(heads_table)}, {text}", (HEADS_PARAM, *binds), ("heads", "changes_at"))


async def fetched(lane: AsyncConnection[Any], statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement."""
    cursor = lane.cursor(binary=True)
    await cursor.execute(statement.text, statement.arguments(values))
    return await cursor.fetchall()


def keys_in(statement: Statement, values: Mapping[str, Any]) -> int | None:
    """How many keys the statement is sent with; None for one that takes none."""
    taken = any(isinstance(bind, Param) and bind.name == KEYS for bind in statement.binds)
    return len(values[KEYS]) if taken else None


def first_line(error: Exception) -> str:
    """What the database said, without the statement and its context."""
    return str(error).partition("\n")[0]
