"""One document, asked for until it is answered: turns, redirects, fresh credentials, retries."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

import httpx2

from sync.credentials import Credentials
from sync.documents.answers import Answer, Wanted, kept
from sync.documents.bodies import Broken, Unpacker
from sync.documents.connecting import Connecting
from sync.documents.limits import Limits
from sync.documents.redirects import Route
from sync.errors import DocumentRefused
from sync.politeness.allowances import Allowances, Failure, Turn
from sync.politeness.rates import buckets_of
from sync.politeness.retries import RetryBudget, backoff_seconds, told_seconds
from sync.politeness.turns import Closed, Turns

TIME_RULE = "the answer must come in time"
WHOLE_RULE = "the answer must be whole"
VALUE_LENGTH = 200
TOKEN_BYTES = 2**16


@dataclass(slots=True)
class Asking:
    """One document while it is asked for. ``left_seconds``: what the supplier may still take for it."""

    wanted: Wanted
    route: Route
    left_seconds: float
    with_credentials: bool = True
    attempt: int = 1
    renewed: bool = False
    """A 401 made it try fresh credentials."""
    last: Answer | DocumentRefused | None = None
    """What the last attempt came to."""

    @property
    def headers(self) -> dict[str, str]:
        """What the request says besides its credentials."""
        wanted = self.wanted
        said = {
            "If-None-Match": wanted.etag,
            "If-Modified-Since": wanted.modified,
            "Content-Type": None if wanted.content is None else "application/json",
        }
        return {**{name: value for name, value in said.items() if value}, **wanted.headers}


@dataclass(frozen=True, slots=True)
class Head:
    """The last answer's head; the body is still to be read from ``response``, which is None when nobody should."""

    answer: Answer
    response: httpx2.Response | None = None
    turn: Turn | None = None


class Asker:
    """Asks one supplier, for one pull that ends at ``deadline`` by the loop's clock."""

    def __init__(
        self,
        limits: Limits,
        deadline: float,
        allowances: Allowances,
        credentials: Credentials,
        connecting: Connecting,
    ) -> None:
        self._limits = limits
        self._deadline = deadline
        self._turns = Turns(allowances, deadline, limits.request_seconds)
        self._budget = RetryBudget(limits.retry_share)
        self._credentials = credentials
        self._connecting = connecting

    async def succeeded(self, turn: Turn) -> None:
        """The supplier answered."""
        await self._turns.succeeded(turn)

    async def aclose(self) -> None:
        """Let go of the allowances."""
        await self._turns.aclose()

    def begin(self, wanted: Wanted, address: str) -> Asking:
        """A document that is to be asked for at ``address``."""
        self._budget.pay_in()
        return Asking(wanted, Route(address, wanted.method, self._limits.redirects), self._limits.request_seconds)

    async def whole(self, asking: Asking, most: int, read: set[HTTPStatus]) -> Answer:
        """The last answer, with its body where its status is one of ``read``."""
        while True:
            head = await self.head(asking)
            if head.response is None or head.turn is None:
                return head.answer
            body: list[bytes] = []
            try:
                async with self._in_time(asking, head.turn):
                    if head.answer.status in read:
                        async with aclosing(unpacked(head.response, most)) as pieces:
                            body = [piece async for piece in pieces]
            except Broken as exc:
                asking.last = DocumentRefused(WHOLE_RULE, exc)
                if not await self._again(asking):
                    raise asking.last from exc
            else:
                await self._turns.succeeded(head.turn)
                return Answer(head.answer.status, head.answer.headers, b"".join(body))
            finally:
                await head.response.aclose()

    async def head(self, asking: Asking) -> Head:
        """The head of the last answer. Raises ``DocumentRefused``."""
        while True:
            try:
                response, turn = await self._open(asking)
            except Closed as closed:
                if isinstance(asking.last, Answer):
                    return Head(replace(asking.last, again_at=closed.until))
                raise (asking.last or closed) from closed
            except Broken as exc:
                asking.last = DocumentRefused(WHOLE_RULE, exc)
                if not await self._again(asking):
                    raise asking.last from exc
                continue
            headers = {name.lower(): value for name, value in response.headers.items()}
            answer = Answer(response.status_code, kept(headers, asking.wanted))
            if is_failure(response.status_code):
                await response.aclose()
                told = told_seconds(answer.status, headers, turn.failures, self._limits.retry_after_seconds)
                asking.last = Answer(answer.status, answer.headers, again_at=await self._fail(turn, told))
                if not await self._again(asking):
                    return Head(asking.last)
            elif await self._leads_on(asking, response, turn):
                continue
            else:
                return Head(answer, response, turn)

    async def _leads_on(self, asking: Asking, response: httpx2.Response, turn: Turn) -> bool:
        """Whether the answer means that something else is to be asked: another address, or with fresh credentials.

        If so it is closed. Raises ``DocumentRefused`` for an answer that leads where nobody should go, or nowhere.
        """
        leads_on = True
        try:
            if response.status_code == HTTPStatus.UNAUTHORIZED and asking.with_credentials and not asking.renewed:
                leads_on = asking.renewed = self._credentials.refused(response.request.headers)
            else:
                leads_on = asking.route.follow(response.status_code, response.headers.get("location"))
        finally:
            if leads_on:
                await response.aclose()
                await self._turns.succeeded(turn)
        return leads_on

    async def _open(self, asking: Asking) -> tuple[httpx2.Response, Turn]:
        """One request's answer, up to its body. Raises ``Closed``, ``Broken``, ``DocumentRefused``."""
        headers = asking.headers
        if asking.with_credentials:
            headers.update(await self._credentials.headers(self._call))
        buckets = buckets_of(self._limits.rates, asking.wanted.path, asking.wanted.headers)
        turn = await self._turns.next(buckets, asking.left_seconds)
        wanted = asking.wanted
        async with self._in_time(asking, turn):
            opened = self._connecting.open(wanted.method, asking.route.address, headers, wanted.content)
            return await opened, turn

    async def _call(self, address: str, headers: Mapping[str, str], content: bytes) -> tuple[int, bytes]:
        """What a token endpoint answers: its status and body."""
        wanted = Wanted("", method="POST", content=content, headers=headers)
        asking = Asking(wanted, Route(address, "POST", 0), self._limits.request_seconds, with_credentials=False)
        answer = await self.whole(asking, TOKEN_BYTES, set(HTTPStatus))
        return answer.status, answer.body

    @asynccontextmanager
    async def _in_time(self, asking: Asking, turn: Turn) -> AsyncIterator[None]:
        """Counts what the supplier takes.

        Raises ``DocumentRefused`` when that is too long, ``Broken`` for a bad line; both are noted as failures.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout_at(min(began + asking.left_seconds, self._deadline)):
                yield
        except TimeoutError as exc:
            await self._fail(turn)
            seconds = min(self._limits.request_seconds, self._limits.total_seconds)
            raise DocumentRefused(TIME_RULE, f"none within {seconds:.1f} s") from exc
        except (httpx2.HTTPError, Broken) as exc:
            await self._fail(turn)
            raise Broken(reason(exc)) from exc
        except DocumentRefused:
            await self._turns.succeeded(turn)
            raise
        finally:
            asking.left_seconds -= loop.time() - began

    async def _fail(self, turn: Turn, told: float = 0) -> datetime | None:
        """Note a failure. Returns until when the supplier is left alone."""
        spread = random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
        failure = Failure(told, self._limits.failures, spread * self._limits.closed_seconds)
        return await self._turns.failed(turn, failure)

    async def _again(self, asking: Asking) -> bool:
        """Whether another attempt may be made, once this returns."""
        pause_seconds = backoff_seconds(asking.attempt)
        if asking.attempt >= self._limits.attempts or pause_seconds > asking.left_seconds:
            return False
        if not self._budget.take_out():
            return False
        asking.attempt += 1
        asking.left_seconds -= pause_seconds
        await asyncio.sleep(pause_seconds)
        return True


def is_failure(status: int) -> bool:
    """Whether a second attempt may better it."""
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


async def unpacked(response: httpx2.Response, most: int) -> AsyncGenerator[bytes, None]:
    """The body, decompressed. Raises ``DocumentRefused``, ``Broken``, ``httpx2.HTTPError``."""
    unpacker = Unpacker(response.headers.get("content-encoding", "").strip().lower(), most)
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            for piece in unpacker.feed(chunk):
                yield piece
    unpacker.end()


def reason(exc: Exception) -> str:
    """What went wrong on the line, in one."""
    if isinstance(exc, Broken):
        return str(exc)
    return " ".join(f"{type(exc).__name__} {exc}".split())[:VALUE_LENGTH]
