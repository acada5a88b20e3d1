"""Who gets the next free lane: first come, first served. Lanes are opened when somebody waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from psycopg import Error

from loaders.errors import StoreBusy, StoreUnavailable
from loaders.lane_usage import LaneUsage
from loaders.pipelines.calls import PipelineLane

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0

Connect = Callable[[Callable[[PipelineLane], None]], Awaitable[PipelineLane]]


class LaneQueue:
    """At most ``count`` lanes. ``connect`` opens one; it gets the function to call when that lane is lost."""

    def __init__(self, connect: Connect, *, count: int, wait_seconds: float) -> None:
        self.count = count
        self.wait_seconds = wait_seconds
        self._connect = connect
        self._closed = False
        self._lanes: set[PipelineLane] = set()
        self._free: list[PipelineLane] = []
        self._waiters: deque[asyncio.Future[PipelineLane]] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self._settling: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None
        self._pause_seconds = 0.0
        self._retry: asyncio.TimerHandle | None = None

    @property
    def usage(self) -> LaneUsage:
        """How many lanes are at work, how many idle, and how many operations wait."""
        idle = len(self._free)
        return LaneUsage(len(self._lanes) - idle, idle, len(self._waiters))

    def open(self) -> None:
        """Start to open every lane."""
        self._open_more(self.count)

    async def close(self) -> None:
        """Close every lane; whoever waits for one gets ``StoreUnavailable``."""
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(StoreUnavailable())
        connecting = list(self._connecting)
        for task in connecting:
            task.cancel()
        await asyncio.gather(*connecting, return_exceptions=True)
        for lane in list(self._lanes):
            await lane.close()
        await asyncio.gather(*self._settling, return_exceptions=True)

    async def take(self) -> PipelineLane:
        """A free lane, which belongs to the caller until it is given back.

        Raises ``StoreBusy`` when none comes free within ``wait_seconds``, ``StoreUnavailable`` when none is open.
        """
        if self._closed:
            raise StoreUnavailable
        if self._free:
            return self._free.pop()
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[PipelineLane] = loop.create_future()
        self._waiters.append(waiter)
        self._open_more(len(self._waiters))
        timer = loop.call_later(self.wait_seconds, self._give_up, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            elif not waiter.cancelled() and waiter.exception() is None:
                # The lane came in the same turn of the loop as the cancellation.
                self.give_back(waiter.result())
            raise
        finally:
            timer.cancel()

    def give_back(self, lane: PipelineLane) -> None:
        """Pass the lane on to whoever waited longest."""
        if lane.lost:
            self._open_more(len(self._waiters))
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(lane)
                return
        self._free.append(lane)

    def give_back_settled(self, lane: PipelineLane) -> None:
        """The same, once the lane has come to the end of what was cancelled on it."""
        task = asyncio.get_running_loop().create_task(self._settle(lane))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle(self, lane: PipelineLane) -> None:
        await lane.settled()
        self.give_back(lane)

    def _give_up(self, waiter: asyncio.Future[PipelineLane]) -> None:
        if not waiter.done():
            self._waiters.remove(waiter)
            error = StoreBusy() if self._lanes else StoreUnavailable()
            error.__cause__ = self._failure
            waiter.set_exception(error)

    def _open_more(self, wanted: int) -> None:
        """Open up to ``wanted`` lanes, no more than are missing; none while a failed connection is fresh."""
        if self._closed or self._retry is not None:
            return
        missing = self.count - len(self._lanes) - len(self._connecting)
        for _ in range(min(missing, wanted - len(self._connecting))):
            task = asyncio.get_running_loop().create_task(self._open_lane())
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _open_lane(self) -> None:
        try:
            lane = await self._connect(self._on_lost)
        except (Error, OSError) as error:
            self._failure = error
            self._pause_seconds = min(max(2 * self._pause_seconds, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            if self._retry is None:
                self._retry = asyncio.get_running_loop().call_later(self._pause_seconds, self._try_again)
            return
        self._failure = None
        self._pause_seconds = 0.0
        self._lanes.add(lane)
        self.give_back(lane)

    def _try_again(self) -> None:
        self._retry = None
        self._open_more(len(self._waiters))

    def _on_lost(self, lane: PipelineLane) -> None:
        self._lanes.discard(lane)
        if lane in self._free:
            self._free.remove(lane)
        self._open_more(len(self._waiters))
