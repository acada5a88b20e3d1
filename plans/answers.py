"""From a pipeline's rows to answers: folded once, then one answer for each set of lookup keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
import psycopg

from loaders.changes import ChangeUnknown, first_of
from loaders.errors import LarderError
from loaders.stamps import Stamp
from plans.errors import Deopt, Rewritten

if TYPE_CHECKING:
    from loaders.pipelines.calls import Rows
    from plans.binding import Binding
    from plans.plan import Plan, PlanCalls

UNSTAMPED = "nobody asked for a stamp"

SLICE_SECONDS = 0.005
"""The loop is let go when a fold has worked this long."""


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """One request's answer. body: its JSON, where bytes were asked for; else ``data`` holds it.

    statements: data statements that the pipeline sent, for ``members`` distinct lookups. db_seconds: on a lane, for all
    of them. fold_seconds: decoding, folding and writing JSON, other requests' turns of the event loop included.

    Of an answer that was asked for with a stamp: uncacheable: why it cannot be kept, None where it can; changes_at: the
    first instant at which it may change by the clock alone, that of the whole group; None: never.
    """

    body: bytes | None
    data: dict[str, Any] | None
    instant: datetime
    heads: Mapping[str, int]
    statements: int
    members: int
    changes_at: datetime | None = None
    uncacheable: str | None = UNSTAMPED
    db_seconds: float = 0.0
    fold_seconds: float = 0.0

    @property
    def stamp(self) -> Stamp | None:
        """What the answer stays true under, None where it cannot be kept."""
        return Stamp(self.heads, self.instant, self.changes_at) if self.uncacheable is None else None


@dataclass(frozen=True, slots=True)
class Folded:
    """The objects of a pipeline's roots, at which instant, under which versions; for the rest see ``PlanAnswer``."""

    plan: Plan
    found: Mapping[int, Any]
    instant: datetime
    heads: Mapping[str, int]
    statements: int
    to_bytes: bool
    changes_at: datetime | None
    uncacheable: str | None
    db_seconds: float
    fold_seconds: float

    def answer(self, lookups: Mapping[int, Any], members: int) -> PlanAnswer:
        """The answer for these lookup keys: JSON at once, so that no group keeps its members' trees alive.

        Raises ``Deopt``.
        """
        started = time.perf_counter()
        data: dict[str, Any] | None = self.plan.data(self.found, lookups)
        body = None
        if self.to_bytes:
            try:
                body = orjson.dumps({"data": data})
            except TypeError as error:
                raise Deopt("a value that orjson cannot write") from error
            data = None
        return PlanAnswer(
            body,
            data,
            self.instant,
            self.heads,
            self.statements,
            members,
            self.changes_at,
            self.uncacheable,
            self.db_seconds,
            self.fold_seconds + time.perf_counter() - started,
        )


async def fold(
    plan: Plan,
    binding: Binding,
    sent: PlanCalls,
    results: Sequence[Rows],
    *,
    to_bytes: bool,
    stamp: bool = False,
    db_seconds: float = 0.0,
) -> Folded:
    """Decode and fold a pipeline's rows, a slice at a time. Raises ``Deopt`` and whatever computed fields raise."""
    started = time.perf_counter()
    instant, heads, changes_at = plan.opening.read(results[0].load(0, 1)[0], sent.heads)
    uncacheable = plan.uncacheable if stamp else UNSTAMPED
    folding = plan.folding(binding, sent.rows(results), instant, to_bytes=to_bytes, stamp=uncacheable is None)
    found = await sliced(folding.steps)
    if uncacheable is None:
        try:
            changes_at = first_of(changes_at, folding.changes_at())
        except ChangeUnknown as error:
            uncacheable = str(error)
    seconds = time.perf_counter() - started
    return Folded(plan, found, instant, heads, len(sent.slots), to_bytes, changes_at, uncacheable, db_seconds, seconds)


async def sliced(steps: Generator[None, None, dict[int, Any]]) -> dict[int, Any]:
    """Run a fold, letting the loop go between its slices when it has worked long enough."""
    started = time.perf_counter()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: dict[int, Any] = end.value
            if time.perf_counter() - started > SLICE_SECONDS / 2:
                # What comes next writes the whole answer: not in the same turn.
                await asyncio.sleep(0)
            return found
        if time.perf_counter() - started > SLICE_SECONDS:
            await asyncio.sleep(0)
            started = time.perf_counter()


def as_reported(error: Exception, *, leads: bool = True) -> Exception:
    """What a request is told of a failed pipeline or fold: ``LarderError`` as it is, anything else a ``Deopt``.

    psycopg's DataError is an argument that the store cannot hold, its other errors a table or a column that is not as
    declared. The rest is what a computed field or a scalar raised. The resolver path reports them all.
    """
    if isinstance(error, Deopt):
        return Deopt(error.reason, leads=leads)
    if isinstance(error, Rewritten):
        return Deopt("a table that is being rewritten", leads=False)
    if isinstance(error, LarderError):
        return error
    if isinstance(error, psycopg.Error):
        return Deopt(f"the store refused a statement: {type(error).__name__}", leads=leads)
    return Deopt(f"a value that does not serialise: {type(error).__name__}", leads=leads)
