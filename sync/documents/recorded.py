"""Answers out of a recording, so that a run can be done again without the supplier."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from io import BytesIO
from typing import BinaryIO, Self

from sync.documents.answers import Answer, Wanted, request_of
from sync.documents.bodies import PIECE_BYTES
from sync.documents.transport import StreamedAnswer, nothing
from sync.errors import DocumentRefused

Recording = Callable[[str, int], Awaitable[Answer | None]]
"""From ``request_of`` a document and how often it was asked for before to the answer, None when there was none.

Its body may stand in ``file``, which is closed when it was read.
"""
RECORDED_RULE = "the recording must hold the answer"


class Recorded:
    """A transport that asks nobody. Repeated requests get their answers in the order in which they were recorded."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._asked: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Nothing is held."""

    async def send(self, wanted: Wanted) -> Answer:
        answer = await self._answer(wanted)
        if answer.file is None:
            return answer
        with answer.file as file:
            return replace(answer, body=await asyncio.to_thread(file.read), file=None)

    @asynccontextmanager
    async def stream(self, wanted: Wanted) -> AsyncIterator[StreamedAnswer]:
        answer = await self._answer(wanted)
        with answer.file or BytesIO(answer.body) as file:
            pieces = read(file) if answer.status == HTTPStatus.OK else nothing()
            yield StreamedAnswer(replace(answer, body=b"", file=None), pieces)

    async def _answer(self, wanted: Wanted) -> Answer:
        request = request_of(wanted)
        before = self._asked[request]
        self._asked[request] += 1
        answer = await self._recording(request, before)
        if answer is None:
            raise DocumentRefused(RECORDED_RULE, request)
        return answer


def listed(answers: Iterable[tuple[str, Answer]]) -> Recording:
    """A recording of pairs of ``request_of`` a document and an answer, in their order."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for request, answer in answers:
        found[request].append(answer)

    async def recording(request: str, before: int) -> Answer | None:
        return found[request][before] if before < len(found.get(request, ())) else None

    return recording


async def read(file: BinaryIO) -> AsyncIterator[bytes]:
    """A body in pieces."""
    while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
        yield piece
