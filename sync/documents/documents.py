"""A supplier's documents: what a source asks for and gets, over HTTP or out of a recording."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Self, cast

from sync import credentials
from sync.documents.answers import Answer, Document, Wanted, document_of, head_of
from sync.documents.items import ItemReader, Streamed
from sync.documents.limits import Limits
from sync.documents.live import Live
from sync.documents.transport import Addresses, Recorder, StreamedAnswer, Transport
from sync.errors import DocumentRefused
from sync.politeness.allowances import Allowances
from sync.politeness.memory import MemoryAllowances
from sync.settings import SourceSettings
from sync.webhooks.pushes import Push

SPOOLED_BYTES = 2**20


class Documents:
    """Asks one supplier. An async context manager; raises and yields ``DocumentRefused`` that names rule and value.

    ``pushed``: what the supplier sent by itself, oldest first; a run that publishes is done with all of it.
    ``transport``: where answers come from; by default HTTP, with allowances of its own and no credentials.
    ``now``: the run's start (aware UTC). ``recorder`` gets every last answer before anybody judges it.
    """

    def __init__(
        self,
        url: str,
        limits: Limits,
        pushed: Sequence[Push] = (),
        *,
        transport: Transport | None = None,
        now: datetime | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.url = url
        self.limits = limits
        self.pushed = pushed
        self.now = now or datetime.now(UTC)
        self._transport = transport or Live(url, limits, MemoryAllowances())
        self._recorder = recorder
        self._count = 0
        self._asked: set[asyncio.Task[Document]] = set()
        """Under way: whoever asked may have left without a word."""

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *raised: object) -> None:
        await uninterrupted(self._close(*raised))

    async def _close(self, *raised: object) -> None:
        try:
            await stop(self._asked)
        finally:
            await self._transport.__aexit__(*raised)

    async def get(self, wanted: Wanted) -> Document:
        """The answer for one document. Failures of transport and of the supplier's server are tried again."""
        self._admit(wanted)
        answer = await self._transport.send(wanted)
        await self._record(wanted, answer)
        return document_of(wanted, answer)

    async def many(self, wanted: Iterable[Wanted]) -> AsyncGenerator[tuple[Wanted, Document | DocumentRefused], None]:
        """The answers as they come. At most ``concurrency`` are under way or wait for the caller."""
        waiting = deque(wanted)
        asked: dict[asyncio.Task[Document], Wanted] = {}
        try:
            while waiting or asked:
                while waiting and len(asked) < self.limits.concurrency:
                    one = waiting.popleft()
                    task = asyncio.create_task(self.get(one))
                    asked[task] = one
                    self._asked.add(task)
                    task.add_done_callback(self._asked.discard)
                done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield asked.pop(task), outcome(task)
        finally:
            await stop(asked)

    @asynccontextmanager
    async def stream_items(self, wanted: Wanted, place: str = "") -> AsyncIterator[Streamed]:
        """The document, and one by one the items of its array at ``place``.

        ``place``: names of members joined by dots, "" for the document itself. At most ``stream_bytes`` of the document
        are read, and ``item_bytes`` held.
        """
        self._admit(wanted)
        async with self._transport.stream(wanted) as streamed:
            if streamed.answer.status != HTTPStatus.OK:
                await self._record(wanted, streamed.answer)
            document = head_of(wanted, streamed.answer)
            async with aclosing(self._items(wanted, place, streamed)) as items:
                yield Streamed(document, items)

    async def _items(self, wanted: Wanted, place: str, streamed: StreamedAnswer) -> AsyncGenerator[Any, None]:
        answer = streamed.answer
        if answer.status != HTTPStatus.OK:
            return
        reader = ItemReader(place, answer.headers.get("content-type", ""), self.limits.item_bytes)
        with SpooledTemporaryFile(SPOOLED_BYTES) as spool:
            refused: DocumentRefused | None = None
            async for piece in streamed.pieces:
                if self._recorder is not None:
                    spool.write(piece)
                try:
                    found = [] if refused else reader.feed(piece)
                except DocumentRefused as exc:
                    if self._recorder is None:
                        raise
                    refused, found = exc, []
                for item in found:
                    yield item
            spool.seek(0)
            await self._record(wanted, Answer(answer.status, answer.headers, file=cast("BinaryIO", spool)))
        if refused:
            raise refused
        for item in reader.end():
            yield item

    def _admit(self, wanted: Wanted) -> None:
        """Raises ``DocumentRefused`` for one document too many, and for one that is not the supplier's."""
        self._count += 1
        if self._count > self.limits.documents:
            raise DocumentRefused(f"a pull must ask for at most {self.limits.documents} documents", wanted.path)
        if "://" in wanted.path.partition("?")[0] or wanted.path.startswith("/"):
            raise DocumentRefused("a path must be relative to the source's address", wanted.path)

    async def _record(self, wanted: Wanted, answer: Answer) -> None:
        if self._recorder is not None:
            await self._recorder(wanted, answer)


def open_documents(
    settings: SourceSettings,
    limits: Limits,
    allowances: Allowances,
    *,
    pushed: Sequence[Push] = (),
    now: datetime | None = None,
    recorder: Recorder | None = None,
    addresses: Addresses | None = None,
) -> Documents:
    """The documents of a source over HTTP, with its credentials. Raises ``SettingsError``."""
    transport = Live(settings.url, limits, allowances, credentials.read(settings), addresses)
    return Documents(settings.url, limits, pushed, transport=transport, now=now, recorder=recorder)


async def uninterrupted(closing: Coroutine[Any, Any, None]) -> None:
    """Let it come to its end when who waits is cancelled meanwhile: a connection half closed is never closed."""
    task = asyncio.create_task(closing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def stop(tasks: Iterable[asyncio.Task[Document]]) -> None:
    """Cancel tasks and wait for their end."""
    stopped = list(tasks)
    for task in stopped:
        task.cancel()
    await asyncio.gather(*stopped, return_exceptions=True)


def outcome(task: asyncio.Task[Document]) -> Document | DocumentRefused:
    """What a finished request came to."""
    try:
        return task.result()
    except DocumentRefused as exc:
        return exc
