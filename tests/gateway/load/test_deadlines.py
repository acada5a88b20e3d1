"""Deadlines: what is answered when time is over or the client has gone, and what becomes of the work."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.endpoint.errors import ClientGone, RequestError
from gateway.load.deadlines import DeadlineExceeded, allowed_seconds, within
from loaders.deadline import remaining_seconds


class Client:
    """Sends its messages, then nothing until it hangs up."""

    def __init__(self, *messages: Mapping[str, Any]) -> None:
        self.messages = list(messages)
        self.gone = asyncio.Event()

    async def receive(self) -> Mapping[str, Any]:
        if self.messages:
            return self.messages.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}


class Work:
    """Never done. ``held`` is how long it takes to let go."""

    def __init__(self, held: float = 0.0) -> None:
        self.began = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.held = held

    async def run(self) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
            await asyncio.sleep(self.held)


async def test_the_work_s_result_or_error_is_passed_on() -> None:
    async def fail() -> None:
        raise KeyError("x")

    async def succeed() -> float | None:
        return remaining_seconds()

    remaining = await within(60, Client().receive, succeed())
    assert remaining is not None
    assert 30 < remaining <= 60
    assert remaining_seconds() is None
    with pytest.raises(KeyError):
        await within(60, Client().receive, fail())


async def test_after_the_deadline_the_work_is_cancelled_and_not_waited_for() -> None:
    work = Work(held=60)

    with pytest.raises(DeadlineExceeded) as caught:
        await asyncio.wait_for(within(0.02, Client().receive, work.run()), 30)

    await asyncio.wait_for(work.cancelled.wait(), 30)
    assert (caught.value.status, caught.value.code) == (503, "DEADLINE_EXCEEDED")
    assert caught.value.message == "the request was not answered within 0.02 s"
    assert caught.value.headers == ((b"retry-after", b"1"),)


async def test_a_client_that_hangs_up_cancels_its_own_work_alone() -> None:
    mine, other = Work(), Work()
    client, body = Client({"type": "http.request", "body": b"", "more_body": False}), Client()
    answers = [
        asyncio.ensure_future(within(60, client.receive, mine.run())),
        asyncio.ensure_future(within(60, body.receive, other.run())),
    ]
    await mine.began.wait()

    client.gone.set()

    with pytest.raises(ClientGone):
        await answers[0]
    await asyncio.wait_for(mine.cancelled.wait(), 30)
    assert not other.cancelled.is_set()
    answers[1].cancel()
    await asyncio.wait(answers)


async def test_a_request_that_is_cancelled_cancels_its_work() -> None:
    work = Work()
    answer = asyncio.ensure_future(within(60, Client().receive, work.run()))
    await work.began.wait()

    answer.cancel()

    await asyncio.wait([answer])
    await asyncio.wait_for(work.cancelled.wait(), 30)


async def test_a_server_that_repeats_the_body_s_end_is_asked_no_more() -> None:
    asked = 0

    async def receive() -> Mapping[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"", "more_body": False}

    async def work() -> str:
        await asyncio.sleep(0.02)
        return "done"

    assert await asyncio.wait_for(within(60, receive, work()), 30) == "done"
    assert asked == 2


@pytest.mark.parametrize(("asked", "seconds"), [("", 15.0), ("200", 0.2), ("15001", 15.0), ("1", 0.001)])
def test_a_client_may_shorten_the_deadline(asked: str, seconds: float) -> None:
    assert allowed_seconds(asked, 15.0) == seconds


@pytest.mark.parametrize("asked", ["0", "-1", "1.5", "soon", "٣", "9" * 5000])
def test_a_deadline_that_is_none_is_refused_with_its_value(asked: str) -> None:
    with pytest.raises(RequestError) as caught:
        allowed_seconds(asked, 15.0)

    assert (caught.value.status, caught.value.code) == (400, "BAD_REQUEST")
    assert caught.value.message == (f"larder-timeout-ms must be a positive number of milliseconds, not {asked[:50]!r}")
