"""The response cache: an answer is given again while the store and the clock say that it would be the same."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from gateway.cache.entries import Entry, Key, Work
from gateway.cache.heads import HeadWatch
from gateway.cache.memory import Memory
from gateway.endpoint.errors import RequestError
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.responses import Answer
from loaders.stamps import Stamp

UNAVAILABLE = 503
STORE_FAILED = frozenset({"STORE_BUSY", "STORE_UNAVAILABLE"})


class SharedTier(Protocol):
    """Where processes share answers."""

    async def read(self, key: Key) -> tuple[bytes, Stamp] | None:
        """Body and stamp. None also when the tier does not answer."""

    def write(self, key: Key, body: bytes, stamp: Stamp, seconds: float) -> None:
        """Put down to be written, for so many seconds. Never waits."""


@dataclass(frozen=True, slots=True)
class Staleness:
    """For how many seconds after a newer head was seen an answer may still be given. 0: not at all.

    while_renewed: while it is being made again. if_error: where the store fails. Neither goes beyond the first instant
    at which a value in the answer changes by the clock alone.
    """

    while_renewed_seconds: float = 0.0
    if_error_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """An answer and where it came from: ``hit``, ``redis``, ``miss``, ``shared``, ``stale``.

    entry: None for an answer that is not kept.
    """

    answer: Answer
    entry: Entry | None
    outcome: str


@dataclass(slots=True, eq=False)
class Flight:
    """One execution that any number of requests wait for. began: ``time.monotonic()``."""

    task: asyncio.Task[Found]
    began: float = field(default_factory=time.monotonic)


class ResponseCache:
    """Answers by key, checked against the heads of ``watch``.

    counters: by outcome, and executions, renewed (in the background).
    """

    def __init__(
        self,
        watch: HeadWatch,
        memory: Memory,
        shared: SharedTier | None = None,
        *,
        staleness: Staleness | None = None,
    ) -> None:
        self.watch = watch
        self.memory = memory
        self.shared = shared
        self.staleness = staleness or Staleness()
        self.counters: Counter[str] = Counter()
        self._flights: dict[Key, Flight] = {}
        self._epoch = watch.epoch

    def hit(self, key: Key) -> Entry | None:
        """The entry of a key, if it is known at once to be right."""
        entry = self.memory.get(key)
        if entry is None or not self.watch.fresh() or not self.good(entry):
            return None
        return self._used(entry, "hit")

    async def find(self, key: Key, work: Work, exchange: Exchange) -> Found:
        """The answer of a key; ``work`` makes it, once for all who ask at the same time.

        exchange: of the request; it is told of the execution if this is the request that begins it.
        """
        asked = time.monotonic()
        known = await self.watch.refreshed()
        if self._epoch != self.watch.epoch:
            self._epoch = self.watch.epoch
            self.memory.clear()
        entry = self.memory.get(key)
        if entry is not None:
            if known and self.good(entry):
                return self._found(self._used(entry, "hit"), "hit")
            if known and self._may_be_stale(entry, self.staleness.while_renewed_seconds):
                self.renew(entry)
                return self._found(self._used(entry, "stale"), "stale")
        excused = entry is not None and self._may_be_stale(entry, self.staleness.if_error_seconds)
        try:
            found = await self._flown(key, work, exchange, asked)
        except RequestError as error:
            if entry is None or not excused or error.status != UNAVAILABLE:
                raise
            return self._found(self._used(entry, "stale"), "stale")
        if entry is not None and excused and failed(found.answer):
            return self._found(self._used(entry, "stale"), "stale")
        return found

    def good(self, entry: Entry) -> bool:
        """Whether no head that is known is newer than the entry's, and no value in it has changed by the clock."""
        watch = self.watch
        if entry.epoch != watch.epoch or entry.outdated is not None or watch.store_clock >= entry.until:
            return False
        if entry.generation == watch.generation:
            return True
        for name, version in entry.stamp.heads.items():
            known = watch.values.get(name, 0)
            # A head that is behind the entry was read before it, or is that of another store.
            if known > version or (known < version and watch.began > entry.made):
                entry.outdated = time.monotonic()
                return False
        entry.generation = watch.generation
        return True

    def renew(self, entry: Entry) -> asyncio.Task[Found]:
        """Make an entry again in the background, unless that is under way."""
        flight = self._flights.get(entry.key)
        if flight is None:
            self.counters["renewed"] += 1
            flight = self._begin(entry.key, entry.work, Exchange("", ""))
        return flight.task

    async def open(self) -> None:
        """Nothing: it fills as it is asked."""

    async def close(self) -> None:
        """End what is under way."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _used(self, entry: Entry, outcome: str) -> Entry:
        self.counters[outcome] += 1
        entry.hits += 1
        entry.unused = False
        return entry

    def _found(self, entry: Entry, outcome: str) -> Found:
        return Found(Answer(entry.body, executed=True, stamp=entry.stamp), entry, outcome)

    def _may_be_stale(self, entry: Entry, seconds: float) -> bool:
        if not seconds or entry.epoch != self.watch.epoch or self.watch.store_clock >= entry.until:
            return False
        # Of a store that does not answer nobody knows what it has become: the last time it was known to agree counts.
        since = self.watch.began if entry.outdated is None else entry.outdated
        return time.monotonic() - since <= seconds

    async def _flown(self, key: Key, work: Work, exchange: Exchange, asked: float) -> Found:
        while True:
            flight = self._flights.get(key)
            if flight is None:
                found = await asyncio.shield(self._begin(key, work, exchange).task)
                self.counters[found.outcome] += 1
                return found
            found = await asyncio.shield(flight.task)
            # What began before this request may have seen the store as it was then.
            late = flight.began < asked - self.watch.bound_seconds
            if self._passed(found.answer, asked) or (late and not await self._agrees(found.entry)):
                self._end(key, flight)
                continue
            if found.entry is not None:
                self._used(found.entry, "shared")
            return Found(found.answer, found.entry, "shared")

    def _passed(self, answer: Answer, asked: float) -> bool:
        """Whether a value in an answer had changed by the clock before it was asked for."""
        changes_at = answer.stamp.changes_at if answer.stamp is not None else None
        return changes_at is not None and changes_at.timestamp() <= self.watch.store_clock_at(asked)

    async def _agrees(self, entry: Entry | None) -> bool:
        return entry is not None and await self.watch.refreshed() and self.good(entry)

    def _begin(self, key: Key, work: Work, exchange: Exchange) -> Flight:
        task = asyncio.get_running_loop().create_task(self._fly(key, work, exchange))
        flight = self._flights[key] = Flight(task)
        task.add_done_callback(lambda _: self._landed(key, flight))
        return flight

    def _landed(self, key: Key, flight: Flight) -> None:
        self._end(key, flight)
        if not flight.task.cancelled():
            # Marks an exception as seen, should everybody who waited be gone.
            flight.task.exception()

    def _end(self, key: Key, flight: Flight) -> None:
        """Nobody joins any more: another one may begin, also in the very tick in which this one is done."""
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _fly(self, key: Key, work: Work, exchange: Exchange) -> Found:
        if self.shared is not None and self.watch.fresh() and (entry := await self._from_shared(key, work)) is not None:
            return self._found(entry, "redis")
        self.counters["executions"] += 1
        epoch = self.watch.epoch
        answer = await work.run(exchange)
        if answer.stamp is None or not isinstance(answer.payload, bytes):
            return Found(answer, None, "miss")
        entry = Entry(key, answer.payload, answer.stamp, work, epoch)
        self._keep(entry)
        seconds = entry.until - self.watch.store_clock
        if self.shared is not None and seconds > 0:
            self.shared.write(key, entry.body, entry.stamp, seconds)
        return Found(answer, entry, "miss")

    async def _from_shared(self, key: Key, work: Work) -> Entry | None:
        """The entry that another process has left, if it is right. It was there before the heads are read."""
        if self.shared is None or (read := await self.shared.read(key)) is None:
            return None
        body, stamp = read
        ahead = any(version > self.watch.values.get(name, 0) for name, version in stamp.heads.items())
        if not await self.watch.refreshed(anew=ahead):
            return None
        entry = Entry(key, body, stamp, work, self.watch.epoch)
        entry.made = self.watch.began
        if any(version != self.watch.values.get(name, 0) for name, version in stamp.heads.items()):
            return None
        if self.watch.store_clock >= entry.until:
            return None
        self._keep(entry)
        return entry

    def _keep(self, entry: Entry) -> None:
        before = self.memory.get(entry.key)
        if before is not None:
            entry.hits = before.hits // 2
        self.memory.put(entry)


def failed(answer: Answer) -> bool:
    """Whether the store's failure is in the answer."""
    if isinstance(answer.payload, bytes):
        return False
    return any(error["extensions"].get("code") in STORE_FAILED for error in answer.payload.get("errors", ()))
