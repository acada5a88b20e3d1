"""Batch groups: requests in flight together that differ in their lookup keys alone share one pipeline.

A group is open until a lane is free for it or until it has as many distinct lookups as its plan allows, eight at the
most. It is answered from one snapshot at one instant. Each request in it waits for itself: its deadline and its
cancellation touch nobody else.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from psycopg import Error

from loaders.errors import LarderError, StoreBusy
from loaders.recording import is_recording, record
from plans.answers import Folded, PlanAnswer, as_reported, fold
from plans.binding import Binding, group_key
from plans.errors import Rewritten

if TYPE_CHECKING:
    from loaders.pipelines.calls import MakeCalls, Rows
    from plans.plan import Plan, PlanCalls


class Runs(Protocol):
    """What runs a pipeline: ``loaders.pipelines.lanes.PipelineLanes``."""

    async def run(self, make: MakeCalls) -> list[Rows]:
        """The rows of each call."""


class Abandoned(LarderError):
    """Nobody waits for the group any more."""


@dataclass(eq=False, slots=True)
class Group:
    """Requests that share a pipeline. waiting: lookup keys -> the requests that ask for them."""

    key: Hashable
    plan: Plan
    binding: Binding
    instant: datetime | None
    to_bytes: bool
    stamp: bool
    waiting: dict[Hashable, list[asyncio.Future[PlanAnswer]]] = field(default_factory=dict)
    sent: PlanCalls | None = None
    sent_at: float = 0.0

    def lookups(self, lookup: Any) -> Mapping[int, Any]:
        """The lookup keys of the requests that wait under ``lookup``, by root field."""
        return self.binding.lookups if self.plan.batched is None else {self.plan.batched: lookup}

    def without_changes(self) -> PlanCalls | None:
        """The pipeline without what tells when rows change, to be sent again; None where that was not in it."""
        if self.sent is None or not self.stamp or self.plan.changing is None:
            return None
        lookups = [self.lookups(lookup) for lookup in self.waiting]
        self.sent = self.plan.calls(self.binding, lookups, self.instant)
        return self.sent


class Groups:
    """Forms groups and runs them on ``lanes``.

    deadline_seconds: the longest that a request waits for its answer. Off, every request is a group of its own.
    """

    def __init__(self, lanes: Runs, *, deadline_seconds: float = 15.0, on: bool = True) -> None:
        self.lanes = lanes
        self.deadline_seconds = deadline_seconds
        self.on = on
        self.pipelines = 0
        self.statements = 0
        self.members: Counter[int] = Counter()
        self._open: dict[Hashable, Group] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(
        self, plan: Plan, binding: Binding, instant: datetime | None, *, to_bytes: bool = True, stamp: bool = False
    ) -> PlanAnswer:
        """One request's answer. Raises ``Deopt``, or ``StoreError`` when the store fails or the deadline passes."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[PlanAnswer] = loop.create_future()
        self._join(plan, binding, instant, to_bytes=to_bytes, stamp=stamp, waiter=waiter)
        timer = loop.call_later(self.deadline_seconds, expire, waiter)
        try:
            return await waiter
        finally:
            timer.cancel()

    async def alone(self, pending: Awaitable[PlanAnswer]) -> PlanAnswer:
        """An answer that is made outside any group, counted and bounded like the others."""
        try:
            async with asyncio.timeout(self.deadline_seconds):
                answer = await pending
        except TimeoutError as error:
            raise StoreBusy from error
        self.pipelines += 1
        self.statements += answer.statements
        return answer

    def _join(
        self,
        plan: Plan,
        binding: Binding,
        instant: datetime | None,
        *,
        to_bytes: bool,
        stamp: bool,
        waiter: asyncio.Future[PlanAnswer],
    ) -> None:
        lookup = binding.lookups.get(plan.batched) if plan.batched is not None else tuple(binding.lookups.items())
        key: Hashable = object()
        if self.on:
            try:
                # Equal values may still print differently: 1.0 and 1.00.
                printed = repr((binding.values, binding.sites))
                shared = (group_key(binding), printed, None if plan.batched is not None else lookup)
                key = (plan, instant, to_bytes, stamp, shared)
                hash(key)
            except TypeError:
                key = object()
        group = self._open.get(key)
        if group is None or (len(group.waiting) >= plan.members and lookup not in group.waiting):
            group = self._open[key] = Group(key, plan, binding, instant, to_bytes, stamp)
            task = asyncio.get_running_loop().create_task(self._run(group))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        group.waiting.setdefault(lookup, []).append(waiter)

    async def _run(self, group: Group) -> None:
        try:
            folded = await self._fold(group)
        except Abandoned:
            return
        except asyncio.CancelledError:
            fail(group, StoreBusy())
            raise
        except Exception as error:  # noqa: BLE001 - it is told to every request
            fail(group, error)
            return
        finally:
            # It may have failed before a lane was free for it.
            self._shut(group)
        for lookup, waiters in group.waiting.items():
            try:
                answer = folded.answer(group.lookups(lookup), len(group.waiting))
            except Exception as error:  # noqa: BLE001 - it is told to those who asked for it
                tell(waiters, error)
                continue
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(answer)

    async def _fold(self, group: Group) -> Folded:
        """Run the group's pipeline and fold its rows; once more where a table was rewritten meanwhile."""
        try:
            results = await self.lanes.run(lambda: self._close(group))
        except Error as error:
            sent = group.without_changes()
            if sent is None:
                raise
            calls = sent.calls
            results = await self.lanes.run(lambda: calls)
            group.plan.refuse_stamps(f"what tells when rows change failed: {type(error).__name__}")
        made = cast("PlanCalls", group.sent)
        group.plan.met(sum(rows.count for rows in results), len(group.waiting))
        try:
            return await self._folded(group, made, results)
        except Rewritten:
            results = await self.lanes.run(lambda: made.calls)
            return await self._folded(group, made, results)

    async def _folded(self, group: Group, sent: PlanCalls, results: list[Rows]) -> Folded:
        return await fold(
            group.plan,
            group.binding,
            sent,
            results,
            to_bytes=group.to_bytes,
            stamp=group.stamp,
            db_seconds=time.perf_counter() - group.sent_at,
        )

    def _close(self, group: Group) -> Sequence[Any]:
        """A lane is free: nobody joins any more, the calls are made of whoever still waits."""
        self._shut(group)
        group.waiting = {
            lookup: waiters for lookup, waiters in group.waiting.items() if any(not waiter.done() for waiter in waiters)
        }
        if not group.waiting:
            raise Abandoned
        plan = group.plan
        lookups = [group.lookups(lookup) for lookup in group.waiting]
        group.sent = plan.calls(group.binding, lookups, group.instant, stamp=group.stamp)
        group.sent_at = time.perf_counter()
        self.pipelines += 1
        self.members[len(group.waiting)] += 1
        self.statements += len(group.sent.slots)
        if is_recording():
            for slot in group.sent.slots:
                owner = plan.statements.owners[slot]
                record(plan.statements.slots[slot].text, [owner.path])
        return group.sent.calls

    def _shut(self, group: Group) -> None:
        """Nobody joins any more."""
        if self._open.get(group.key) is group:
            del self._open[group.key]


def fail(group: Group, error: Exception) -> None:
    """Tell every request of the group."""
    tell([waiter for waiters in group.waiting.values() for waiter in waiters], error)


def tell(waiters: list[asyncio.Future[PlanAnswer]], error: Exception) -> None:
    """Give each request an exception of its own; who was cancelled or ran out of time has one."""
    leads = True
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(as_reported(error, leads=leads))
            leads = False


def expire(waiter: asyncio.Future[PlanAnswer]) -> None:
    """A request's deadline has passed."""
    if not waiter.done():
        waiter.set_exception(StoreBusy())
