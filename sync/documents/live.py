"""A supplier over HTTP: polite, bounded, tried again.

Every request waits for its turn, also one that a redirect leads to or that fetches a token.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus
from typing import Self

import httpx2

from sync.credentials import ANONYMOUS, Credentials
from sync.documents.answers import Answer, Wanted
from sync.documents.asking import TIME_RULE, WHOLE_RULE, Asker, reason, unpacked
from sync.documents.bodies import Broken
from sync.documents.connecting import Connecting
from sync.documents.limits import Limits
from sync.documents.transport import Addresses, StreamedAnswer, nothing
from sync.errors import DocumentRefused
from sync.politeness.allowances import Allowances


class Live:
    """A transport over HTTP. ``addresses`` decides which addresses may be connected to; None: any."""

    def __init__(
        self,
        url: str,
        limits: Limits,
        allowances: Allowances,
        credentials: Credentials = ANONYMOUS,
        addresses: Addresses | None = None,
    ) -> None:
        self._url = url
        self._limits = limits
        self._deadline = asyncio.get_running_loop().time() + limits.total_seconds
        self._connecting = Connecting(limits.concurrency, addresses)
        self._asker = Asker(limits, self._deadline, allowances, credentials, self._connecting)

    async def __aenter__(self) -> Self:
        await self._connecting.__aenter__()
        return self

    async def __aexit__(self, *raised: object) -> None:
        try:
            await self._connecting.__aexit__(*raised)
        finally:
            await self._asker.aclose()

    async def send(self, wanted: Wanted) -> Answer:
        asking = self._asker.begin(wanted, self._address(wanted))
        return await self._asker.whole(asking, self._limits.body_bytes, {HTTPStatus.OK})

    @asynccontextmanager
    async def stream(self, wanted: Wanted) -> AsyncIterator[StreamedAnswer]:
        head = await self._asker.head(self._asker.begin(wanted, self._address(wanted)))
        if head.response is None or head.turn is None:
            yield StreamedAnswer(head.answer, nothing())
            return
        await self._asker.succeeded(head.turn)
        try:
            if head.answer.status == HTTPStatus.OK:
                async with aclosing(self._pieces(head.response)) as pieces:
                    yield StreamedAnswer(head.answer, pieces)
            else:
                yield StreamedAnswer(head.answer, nothing())
        finally:
            await head.response.aclose()

    async def _pieces(self, response: httpx2.Response) -> AsyncGenerator[bytes, None]:
        """The body of a streamed answer. Nothing is tried again: somebody has read its start."""
        async with aclosing(unpacked(response, self._limits.stream_bytes)) as pieces:
            while True:
                try:
                    async with asyncio.timeout_at(self._deadline):
                        piece = await anext(pieces, None)
                except TimeoutError as exc:
                    raise DocumentRefused(TIME_RULE, f"none within {self._limits.total_seconds:.1f} s") from exc
                except (httpx2.HTTPError, Broken) as exc:
                    raise DocumentRefused(WHOLE_RULE, reason(exc)) from exc
                if piece is None:
                    return
                yield piece

    def _address(self, wanted: Wanted) -> str:
        return f"{self._url}{wanted.path if wanted.path.startswith('?') else f'/{wanted.path}'}"
