"""A lane on psycopg's public pipeline API: slower than ``pq_lane``, and nothing of psycopg's inside is relied upon.

psycopg documentation, "Pipeline mode support": https://www.psycopg.org/psycopg3/docs/advanced/pipeline.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import AsyncConnection, AsyncRawCursor, Error, OperationalError
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

from loaders.pipelines.calls import Call, Rows
from loaders.pipelines.connecting import BEGIN, COMMIT, FORGET_ALL, Address
from loaders.pipelines.faults import OUTDATED
from loaders.pipelines.rows import Decoders, EncodedRows

T = TypeVar("T")

LAST_WORDS = ("FATAL", "PANIC")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value as it goes over the wire."""

    data: bytes | None
    oid: int
    format: int


class EncodedDumper(Dumper):
    """Passes a value on as it is, under the type that it was declared with."""

    def get_key(self, obj: Encoded, format: PyFormat) -> Any:  # noqa: A002, ARG002 - psycopg's name and signature
        """One dumper for each type and format."""
        return (Encoded, obj.oid, obj.format)

    def upgrade(self, obj: Encoded, format: PyFormat) -> EncodedDumper:  # noqa: A002, ARG002 - psycopg's name and signature
        """The dumper of the value's type and format."""
        dumper = EncodedDumper(Encoded)
        dumper.oid = obj.oid
        dumper.format = Format(obj.format)
        return dumper

    def dump(self, obj: Encoded) -> bytes | None:
        """The bytes of the value; None for NULL."""
        return obj.data


class PsycopgLane:
    """One connection. ``on_lost`` is called once, when the connection is gone.

    A cancelled pipeline costs the connection: psycopg does not say where in it the server is.
    """

    @classmethod
    async def open(cls, address: Address, decoders: Decoders, on_lost: Callable[[PsycopgLane], None]) -> PsycopgLane:
        """Connect. Raises ``psycopg.OperationalError``."""
        return cls(await address.connect(), address, decoders, on_lost)

    def __init__(
        self,
        connection: AsyncConnection[Any],
        address: Address,
        decoders: Decoders,
        on_lost: Callable[[PsycopgLane], None],
    ) -> None:
        self.lost = False
        self._connection = connection
        # libpq closes the socket and forgets its number when the server hangs up, but the loop must still be told.
        self._socket = connection.fileno()
        self._connection.adapters.register_dumper(Encoded, EncodedDumper)
        self._connection.prepared_max = address.remembered
        self._address = address
        self._decoders = decoders
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self.opened_at = self._loop.time()
        self._watch()

    async def run(self, calls: Sequence[Call], *, hold: bool = False) -> list[Rows]:
        """One snapshot, one round trip; the rows of each call, in order."""
        try:
            return await self._guarded(lambda: self._pipeline(calls, hold=hold))
        except OUTDATED:
            if self.lost or self._address.pooled:
                raise
        # psycopg reads the server's answer to this, and forgets what it prepared.
        await self._guarded(lambda: self._execute(FORGET_ALL))
        return await self._guarded(lambda: self._pipeline(calls, hold=hold))

    async def rollback(self) -> None:
        """End the snapshot that was held open."""
        await self._guarded(self._connection.rollback)

    async def settled(self) -> None:
        """Return at once: what was cancelled is lost."""

    async def close(self) -> None:
        """Close the connection. A pipeline on its way fails."""
        self._lose()

    async def _pipeline(self, calls: Sequence[Call], *, hold: bool) -> list[Rows]:
        pooled, cursors = self._address.pooled, []
        async with self._connection.pipeline():
            if pooled or hold:
                await self._execute(BEGIN)
            if pooled:
                await self._execute(self._address.settings)
            for call in calls:
                cursor = AsyncRawCursor(self._connection)
                values = map(Encoded, call.values, call.statement.oids, call.formats)
                await cursor.execute(call.statement.sql, list(values), binary=True)
                cursors.append(cursor)
            if pooled and not hold:
                await self._execute(COMMIT)
        results = [cursor.pgresult for cursor in cursors]
        return [EncodedRows(result, self._decoders.of(result)) for result in results if result is not None]

    async def _execute(self, command: bytes) -> None:
        await self._connection.execute(command, prepare=False)

    async def _guarded(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do ``work``; afterwards no transaction is open that it did not mean to leave open, or the lane is lost."""
        if self.lost:
            raise OperationalError("the lane is lost")
        self._loop.remove_reader(self._socket)
        try:
            async with asyncio.timeout(self._address.silence_seconds):
                try:
                    done = await work()
                except Error:
                    await self._clean_up()
                    raise
        except Error as error:
            # The server says why it hangs up before it does.
            if self._connection.closed or (error.diag.severity_nonlocalized or error.diag.severity) in LAST_WORDS:
                self._lose()
            raise
        except TimeoutError as error:
            self._lose()
            raise OperationalError(f"no answer for {self._address.silence_seconds} s") from error
        except BaseException:
            self._lose()
            raise
        finally:
            if not self.lost:
                self._watch()
        return done

    async def _clean_up(self) -> None:
        try:
            await self._connection.rollback()
        except Error:
            self._lose()
        # psycopg stops reading at the first failure, so it takes statements for prepared that the server skipped.
        self._connection._prepared.clear()  # noqa: SLF001 - DEALLOCATE ALL alone it notices only once

    def _watch(self) -> None:
        """Notice while the lane is idle that the server closed it; psycopg does so only at the next statement."""
        self._loop.add_reader(self._socket, self._on_stir)

    def _on_stir(self) -> None:
        try:
            self._connection.pgconn.consume_input()
        except OperationalError:
            self._lose()

    def _lose(self) -> None:
        if self.lost:
            return
        self.lost = True
        self._loop.remove_reader(self._socket)
        self._connection.pgconn.finish()
        self._on_lost(self)
