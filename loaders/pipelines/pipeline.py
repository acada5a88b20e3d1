"""One pipeline on its way: what was sent, what has come back, and who waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from psycopg import OperationalError
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from loaders.pipelines.calls import Call, Rows
from loaders.pipelines.memory import Memory
from loaders.pipelines.rows import Decoders, EncodedRows

COMMAND_OK = int(ExecStatus.COMMAND_OK)


class Pipeline:
    """``results``: one for each of the ``sent`` messages, in order; those at ``places`` are the rows of the calls.

    prepared, discarded: by place, the names and the commands that change what the session knows. recalled: whether
    anything relies on what the session knew. hold: its transaction is to stay open.
    """

    __slots__ = ("calls", "discarded", "failure", "future", "hold", "places", "prepared", "recalled", "results", "sent")

    def __init__(self, calls: Sequence[Call], future: asyncio.Future[list[Rows]], *, hold: bool = False) -> None:
        self.calls = calls
        self.future = future
        self.hold = hold
        self.sent = 0
        self.places: list[int] = []
        self.prepared: list[tuple[int, bytes]] = []
        self.discarded: list[tuple[int, bytes]] = []
        self.recalled = False
        self.results: list[PGresult] = []
        self.failure: Exception | None = None

    def teach(self, memory: Memory) -> None:
        """Tell ``memory`` what the server did and what it did not, because something before it failed."""
        if not self.prepared and not self.discarded:
            return
        done = {place for place, result in enumerate(self.results) if result.status == COMMAND_OK}
        for place, command in self.discarded:
            if place in done:
                memory.discarded(command)
        for place, name in self.prepared:
            if place not in done:
                memory.unlearn(name)
        memory.trim()

    def answer(self, memory: Memory, decoders: Decoders | None) -> None:
        """Hand the rows, or the failure, to who waits; who was cancelled wants neither.

        decoders: None where the statements are prepared, and ``memory`` knows how to decode their rows.
        """
        if self.future.done():
            return
        if self.failure is not None:
            self.future.set_exception(self.failure)
            return
        results, rows = self.results, list[Rows]()
        for call, place in zip(self.calls, self.places, strict=True):
            result = results[place]
            decoder = decoders.of(result) if decoders else memory.decoder(call.statement.name, result)
            rows.append(EncodedRows(result, decoder))
        self.future.set_result(rows)

    def lose(self, reason: BaseException) -> None:
        """The connection is gone, and what was on its way with it."""
        if not self.future.done():
            error = OperationalError(f"the connection to the store was lost: {self.failure or reason}")
            error.__cause__ = self.failure or reason
            self.future.set_exception(error)
