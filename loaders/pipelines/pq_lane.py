"""A lane under psycopg's Python layer: libpq's pipeline mode, the event loop's readers, psycopg's decoder in C.

PostgreSQL documentation, 34.5 "Pipeline Mode": https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from loaders.pipelines.calls import Call, Rows
from loaders.pipelines.connecting import BEGIN, COMMIT, ROLLBACK, Address
from loaders.pipelines.faults import OUTDATED
from loaders.pipelines.memory import Memory
from loaders.pipelines.pipeline import Pipeline
from loaders.pipelines.rows import Decoders

# As plain numbers: comparing with members of psycopg's enums would cost as much as the rest of the loop.
CONNECTED = int(ConnStatus.OK)
SYNC = int(ExecStatus.PIPELINE_SYNC)
FATAL_ERROR = int(ExecStatus.FATAL_ERROR)
ANSWERS = frozenset(
    int(status)
    for status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)
)
IDLE = int(TransactionStatus.IDLE)
BINARY = 1
READS = 4
"""How often a lane looks for more of an answer before the loop turns; each look takes up to 16 KB."""


class PqLane:
    """One connection in permanent pipeline mode. ``on_lost`` is called once, when the connection is gone."""

    @classmethod
    async def open(cls, address: Address, decoders: Decoders, on_lost: Callable[[PqLane], None]) -> PqLane:
        """Connect. Raises ``psycopg.OperationalError``."""
        return cls(await address.connect(), address, decoders, on_lost)

    def __init__(
        self,
        connection: AsyncConnection[Any],
        address: Address,
        decoders: Decoders,
        on_lost: Callable[[PqLane], None],
    ) -> None:
        self.lost = False
        self._connection = connection
        self._pgconn = connection.pgconn
        # libpq closes the socket and forgets its number when the server hangs up, but the loop must still be told.
        self._socket = connection.pgconn.socket
        self._address = address
        self._on_lost = on_lost
        self._memory = Memory(decoders, address.remembered)
        self._decoders = decoders if address.pooled else None
        self._loop = asyncio.get_running_loop()
        self.opened_at = self._loop.time()
        self._pending: Pipeline | None = None
        self._settled = asyncio.Event()
        self._writing = False
        self._heard = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._pgconn.nonblocking = 1
        self._pgconn.enter_pipeline_mode()
        self._loop.add_reader(self._socket, self._on_readable)

    async def run(self, calls: Sequence[Call], *, hold: bool = False) -> list[Rows]:
        """One snapshot, one round trip; the rows of each call, in order."""
        pipeline = Pipeline(calls, self._loop.create_future(), hold=hold)
        try:
            self._start(pipeline)
            return await pipeline.future
        except OUTDATED:
            if self.lost or not pipeline.recalled:
                raise
        self._memory.clear()
        again = Pipeline(calls, self._loop.create_future(), hold=hold)
        self._start(again)
        return await again.future

    async def rollback(self) -> None:
        """End the snapshot that was held open."""
        pipeline = Pipeline((), self._loop.create_future())
        self._start(pipeline, ROLLBACK)
        await pipeline.future

    async def settled(self) -> None:
        """Wait until the lane is ready for the next pipeline, or lost."""
        while self._pending is not None:
            self._settled.clear()
            await self._settled.wait()

    async def close(self) -> None:
        """Close the connection. A pipeline on its way fails."""
        self._lose(OperationalError("the lane was closed"))

    def _start(self, pipeline: Pipeline, command: bytes | None = None) -> None:
        """Queue the calls of ``pipeline``, or the one ``command``; send what the kernel takes."""
        if self.lost:
            raise OperationalError("the lane is lost")
        if self._pending is not None:
            raise RuntimeError("a lane runs one pipeline at a time")
        self._pending = pipeline
        self._heard = self._loop.time()
        try:
            if command is not None:
                self._queue_command(pipeline, command)
            elif self._address.pooled:
                self._queue_pooled(pipeline)
            else:
                self._queue(pipeline)
            self._pgconn.pipeline_sync()
            self._flush()
        except BaseException as error:
            # Half a pipeline is queued: its answers could not be told from those of the next one.
            self._pending = None
            pipeline.future.cancel()
            self._lose(error)
            raise
        if self._watch is None:
            self._watch = self._loop.call_later(self._address.silence_seconds, self._check_silence)

    def _queue(self, pipeline: Pipeline) -> None:
        pgconn, memory = self._pgconn, self._memory
        if pipeline.hold:
            self._queue_command(pipeline, BEGIN)
        for command in memory.discards:
            pipeline.discarded.append((pipeline.sent, command))
            pipeline.recalled = True
            self._queue_command(pipeline, command)
        sent, places = pipeline.sent, pipeline.places
        for call in pipeline.calls:
            statement = call.statement
            if memory.recall(statement.name):
                pipeline.recalled = True
            else:
                pipeline.prepared.append((sent, statement.name))
                pgconn.send_prepare(statement.name, statement.sql, statement.oids)
                sent += 1
            places.append(sent)
            pgconn.send_query_prepared(statement.name, call.values, call.formats, BINARY)
            sent += 1
        pipeline.sent = sent

    def _queue_pooled(self, pipeline: Pipeline) -> None:
        self._queue_command(pipeline, BEGIN)
        self._queue_command(pipeline, self._address.settings)
        for call in pipeline.calls:
            statement = call.statement
            pipeline.places.append(pipeline.sent)
            pipeline.sent += 1
            self._pgconn.send_query_params(statement.sql, call.values, statement.oids, call.formats, BINARY)
        if not pipeline.hold:
            self._queue_command(pipeline, COMMIT)

    def _queue_command(self, pipeline: Pipeline, command: bytes) -> None:
        pipeline.sent += 1
        self._pgconn.send_query_params(command, None)

    def _flush(self) -> None:
        if self._pgconn.flush():
            if not self._writing:
                self._writing = True
                self._loop.add_writer(self._socket, self._on_writable)
        elif self._writing:
            self._writing = False
            self._loop.remove_writer(self._socket)

    def _on_writable(self) -> None:
        try:
            self._flush()
        except OperationalError as error:
            self._lose(error)

    def _on_readable(self) -> None:
        try:
            # A long answer comes faster than the loop turns: look again before going back to it.
            for _ in range(READS):
                self._read()
                if self._pending is None:
                    return
        except OperationalError as error:
            self._lose(error)

    def _read(self) -> None:
        pgconn = self._pgconn
        pgconn.consume_input()
        self._heard = self._loop.time()
        while (pipeline := self._pending) is not None and not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:
                # The end of one answer; or of all, which libpq repeats for ever.
                self._check_connected()
            elif (status := result.status) == SYNC:
                self._on_sync(pipeline)
            elif status in ANSWERS:
                pipeline.results.append(result)
                if status == FATAL_ERROR and pipeline.failure is None:
                    pipeline.failure = error_from_result(result, encoding="utf-8")
            else:
                raise OperationalError(f"unexpected answer {ExecStatus(status).name}")

    def _check_connected(self) -> None:
        if self._pgconn.status != CONNECTED:
            raise OperationalError("the connection was closed")

    def _on_sync(self, pipeline: Pipeline) -> None:
        """The pipeline is over. A transaction that it left open, by failing or by being cancelled, is ended first."""
        if pipeline.failure is None and len(pipeline.results) != pipeline.sent:
            raise OperationalError(f"{len(pipeline.results)} answers to {pipeline.sent} messages")
        self._pending = None
        pipeline.teach(self._memory)
        held = pipeline.hold and pipeline.failure is None and not pipeline.future.done()
        if self._pgconn.transaction_status == IDLE or held:
            pipeline.answer(self._memory, self._decoders)
            self._settled.set()
        elif not pipeline.calls:
            raise OperationalError("a transaction does not end")
        else:
            ending = Pipeline((), self._loop.create_future())
            ending.future.add_done_callback(lambda ended: self._after_rollback(pipeline, ended))
            self._start(ending, ROLLBACK)

    def _after_rollback(self, pipeline: Pipeline, ended: asyncio.Future[list[Rows]]) -> None:
        lost = asyncio.CancelledError() if ended.cancelled() else ended.exception()
        if lost is not None:
            pipeline.lose(lost)
        else:
            pipeline.answer(self._memory, self._decoders)

    def _check_silence(self) -> None:
        self._watch = None
        if self._pending is None:
            return
        left = self._heard + self._address.silence_seconds - self._loop.time()
        if left <= 0:
            self._lose(OperationalError(f"no answer for {self._address.silence_seconds} s"))
        else:
            self._watch = self._loop.call_later(left, self._check_silence)

    def _lose(self, reason: BaseException) -> None:
        if self.lost:
            return
        self.lost = True
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        if self._watch is not None:
            self._watch.cancel()
        self._pgconn.finish()
        pipeline, self._pending = self._pending, None
        if pipeline is not None:
            pipeline.lose(reason)
        self._settled.set()
        self._on_lost(self)
