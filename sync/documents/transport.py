"""The seam between documents and where answers come from: HTTP, or a recording of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, Self

from sync.documents.answers import Answer, Wanted

Recorder = Callable[[Wanted, Answer], Awaitable[None]]
"""Keeps an answer. Calls may overlap."""
Addresses = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to the IP addresses that may be connected to, best first. Raises ``DocumentRefused``."""


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """An answer whose body is still to come, in ``pieces``; none unless the status is 200."""

    answer: Answer
    pieces: AsyncIterator[bytes]


class Transport(Protocol):
    """Where answers come from. An async context manager."""

    async def send(self, wanted: Wanted) -> Answer:
        """The last answer to a request, whatever its status. Raises ``DocumentRefused`` when none came."""
        ...

    def stream(self, wanted: Wanted) -> AbstractAsyncContextManager[StreamedAnswer]:
        """The same, before its body has come; the pieces raise ``DocumentRefused`` where it breaks off."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *raised: object) -> None: ...


async def nothing() -> AsyncIterator[bytes]:
    """The pieces of no body."""
    empty: tuple[bytes, ...] = ()
    for piece in empty:
        yield piece
