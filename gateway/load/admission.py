"""Admission: how many operations are executed at once, who waits for that, and who is sent away at once.

The limit is ``gradient.Gradient``'s. The queue follows "Fail at Scale" (Maurer, ACM Queue 13(8), 2015): first come
first served with patience, as long as it empties now and then, so that a burst passes; once it has stood for a while,
the newest goes first and patience is short (controlled delay): the others are answered 503 while they still listen.
Short is what an execution takes at rest, so that whoever is let in has waited no longer than the answer itself takes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from types import TracebackType

from gateway.endpoint.errors import RequestError
from gateway.endpoint.exchange import Exchange
from gateway.load.gradient import Gradient

QUEUE = 1000
"""Requests that wait, at most."""

PATIENCE_SECONDS = 0.1
SHORT_PATIENCE_SECONDS = 0.005
TIMES = 10
"""Patience is so many times the short one, where executions take long."""

HOLD_SECONDS = 0.5
"""How long after somebody was sent away patience stays short: the queue empties by that, too."""


class Overloaded(RequestError):
    """More is asked for than can be executed."""

    def __init__(self) -> None:
        super().__init__(
            503, "OVERLOADED", "the gateway has more to do than it can: try again later", ((b"retry-after", b"1"),)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """Somebody in the queue. since: by the clock."""

    turn: asyncio.Future[None]
    since: float


class Admission:
    """Slots for executions. Use as ``async with admission.slot(exchange):``, which raises ``Overloaded``.

    gradient: None for no limit at all. clock: seconds. admitted, refused: how many.
    """

    def __init__(self, gradient: Gradient | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.gradient = gradient
        self.clock = clock
        self.running = 0
        self.admitted = 0
        self.refused = 0
        self._queue: deque[Waiter] = deque()
        self._standing_since: float | None = None
        self._short_until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many are in the queue."""
        return len(self._queue)

    @property
    def limit(self) -> int:
        """How many may run at once; 0 for any number."""
        return self.gradient.allowed(self.clock()) if self.gradient is not None else 0

    def refuse_early(self) -> None:
        """Raise ``Overloaded`` where an execution would be refused: before the request is read that costs least."""
        if self._queue and len(self._queue) >= self._room(self.clock()):
            self.refused += 1
            raise Overloaded

    def slot(self, exchange: Exchange) -> Slot:
        """A slot for one execution, which is compared with others of the same operation."""
        return Slot(self, exchange)

    async def enter(self) -> int:
        """Take a slot; returns how many run. Raises ``Overloaded``."""
        if self.gradient is None or (not self._queue and self.running < self.gradient.allowed(self.clock())):
            return self._admit()
        now = self.clock()
        if len(self._queue) >= self._room(now):
            self.refused += 1
            raise Overloaded
        if not self._queue:
            self._standing_since = now
        waiter = Waiter(asyncio.get_running_loop().create_future(), now)
        self._queue.append(waiter)
        self._watch()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.exception() is None:
                # The turn came in the same tick as the cancellation.
                self._leave()
            elif waiter in self._queue:
                self._queue.remove(waiter)
                self._settle()
            raise
        return self.running

    def leave(self, operation: Hashable, seconds: float, at_once: int, *, done: bool) -> None:
        """Give a slot back. done: whether the time it took says something about the load."""
        if self.gradient is not None and done:
            now = self.clock()
            self.gradient.sample(operation, seconds, at_once, now, loaded=self._is_short(now))
        self._leave()

    def _leave(self) -> None:
        self.running -= 1
        self._pass_on()

    def _admit(self) -> int:
        self.running += 1
        self.admitted += 1
        return self.running

    def _pass_on(self) -> None:
        """Let in whoever may, and send away whoever has waited too long."""
        if not self._queue or self.gradient is None:
            return
        now = self.clock()
        patience = self._patience(now)
        self._refuse_older(now - patience, now)
        while self._queue and self.running < self.gradient.allowed(now):
            waiter = self._queue.pop() if self._is_short(now) else self._queue.popleft()
            if not waiter.turn.done():
                self._admit()
                waiter.turn.set_result(None)
        self._settle()

    def _patience(self, now: float) -> float:
        short = max(SHORT_PATIENCE_SECONDS, self.gradient.typical_seconds if self.gradient is not None else 0.0)
        return short if self._is_short(now) else max(PATIENCE_SECONDS, TIMES * short)

    def _is_short(self, now: float) -> bool:
        standing = self._standing_since is not None and now - self._standing_since > PATIENCE_SECONDS
        return standing or now < self._short_until

    def _room(self, now: float) -> int:
        """How many may wait: no more than get a slot within short patience. Refusing at once costs least."""
        return self.limit if self._is_short(now) else QUEUE

    def _refuse_older(self, than: float, now: float) -> None:
        while self._queue and self._queue[0].since <= than:
            waiter = self._queue.popleft()
            if not waiter.turn.done():
                self.refused += 1
                self._short_until = now + HOLD_SECONDS
                waiter.turn.set_exception(Overloaded())

    def _settle(self) -> None:
        """An empty queue does not stand, and needs no watch."""
        if self._queue:
            return
        self._standing_since = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch(self) -> None:
        if self._timer is None:
            patience = self._patience(self.clock())
            self._timer = asyncio.get_running_loop().call_later(patience, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._pass_on()
        if self._queue:
            self._watch()


class Slot:
    """One execution's slot, as an async context manager."""

    __slots__ = ("admission", "at_once", "began", "exchange")

    def __init__(self, admission: Admission, exchange: Exchange) -> None:
        self.admission = admission
        self.exchange = exchange
        self.at_once = 0
        self.began = 0.0

    async def __aenter__(self) -> None:
        with self.exchange.phase("queue"):
            self.at_once = await self.admission.enter()
        self.began = self.admission.clock()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        operation = (self.exchange.document, self.exchange.operation)
        seconds = self.admission.clock() - self.began
        self.admission.leave(operation, seconds, self.at_once, done=kind is None)
