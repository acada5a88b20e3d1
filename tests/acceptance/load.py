"""Clients that ask without a pause while something is broken, and compare every answer with the right one."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

STOREFRONT = """
query Storefront($slug: String!) { location(slug: $slug) {
  id name currency timezone
  menus { id name serviceDate sections { id name position items {
    id name language allergens labels
    prices { audience taxMode money { amount currency } perUnit { money { amount currency } unit } }
    availability { state until reason }
  } } }
} }
"""
LISTING = """
query Listing($first: Int!) { locations(first: $first) {
  totalCount nodes { id slug name menus { id channel sections { id name } } } pageInfo { hasNextPage endCursor }
} }
"""
INTROSPECTING = "query Kind($slug: String!) { __schema { queryType { name } } location(slug: $slug) { id slug name } }"
"""Has no plan: the resolver path answers it."""

WARM_UP_SECONDS = 1.0
SETTLED_SECONDS = 1.0
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Question:
    """A request and the body that answers it."""

    query: str
    variables: dict[str, Any]
    expected: bytes = b""

    @property
    def json(self) -> dict[str, Any]:
        return {"query": self.query, "variables": self.variables}


@dataclass
class Tally:
    """Answers: right, with an error code and nothing that is not true, wrong (the question and the body).

    last_failure: when the last answer that was not right came, by the monotonic clock.
    """

    right: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Question, bytes]] = field(default_factory=list)
    last_failure: float = 0.0
    slowest: float = 0.0

    def add(self, question: Question, body: bytes) -> None:
        if body == question.expected:
            self.right += 1
            return
        self.last_failure = time.monotonic()
        answer, wanted = orjson.loads(body), orjson.loads(question.expected)
        errors = answer.get("errors") or []
        if (
            errors
            and not wanted.get("errors")
            and is_part(answer.get("data"), wanted["data"], [e["path"] for e in errors])
        ):
            self.codes.update({error["extensions"]["code"] for error in errors})
        else:
            self.wrong.append((question, body))

    def failed(self, error: Exception) -> None:
        """The gateway itself did not answer."""
        self.last_failure = time.monotonic()
        self.codes[type(error).__name__] += 1


def is_part(data: Any, wanted: Any, paths: Sequence[Sequence[Any]], at: tuple[Any, ...] = ()) -> bool:
    """Whether ``data`` is ``wanted`` but for nulls at or above the errors' paths."""
    if data is None and wanted is not None:
        return any(tuple(path[: len(at)]) == at for path in paths)
    if isinstance(wanted, dict) and isinstance(data, dict):
        return data.keys() == wanted.keys() and all(is_part(data[k], wanted[k], paths, (*at, k)) for k in wanted)
    if isinstance(wanted, list) and isinstance(data, list):
        return len(data) == len(wanted) and all(
            is_part(one, other, paths, (*at, place))
            for place, (one, other) in enumerate(zip(data, wanted, strict=True))
        )
    return bool(data == wanted)


@dataclass
class Report:
    """What a fault did. recovery: seconds from its end to the last answer that was not right, 0 without one."""

    tally: Tally
    seconds: float
    recovery: float

    def __str__(self) -> str:
        total = self.tally.right + sum(self.tally.codes.values()) + len(self.tally.wrong)
        codes = ", ".join(f"{count} {code}" for code, count in self.tally.codes.most_common()) or "no error"
        return (
            f"{total} requests in {self.seconds:.1f} s: {self.tally.right} right, {codes},"
            f" {len(self.tally.wrong)} wrong; recovery {self.recovery:.2f} s; slowest {self.tally.slowest:.2f} s"
        )


class Load:
    """``clients`` that ask questions drawn at random, from the start of the block to ``report``."""

    def __init__(self, client: httpx2.AsyncClient, questions: Sequence[Question], clients: int) -> None:
        self.client = client
        self.questions = questions
        self.clients = clients
        self.tally = Tally()
        self.ended = 0.0
        self._stopped = False
        self._began = time.monotonic()

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Load]:
        """Ask until a second has passed with right answers only, after the block; at most half a minute."""
        lucks = [random.Random(seed) for seed in range(self.clients)]  # noqa: S311 - draws questions, no secrets
        workers = [asyncio.create_task(self._ask(luck)) for luck in lucks]
        await asyncio.sleep(WARM_UP_SECONDS)
        assert self.tally.right, "nothing is answered before the fault"
        assert self.tally.last_failure == 0.0, f"failures before the fault: {self.tally}"
        try:
            yield self
            self.ended = time.monotonic()
            while time.monotonic() - max(self.tally.last_failure, self.ended) < SETTLED_SECONDS:
                assert time.monotonic() - self.ended < PATIENCE_SECONDS, f"no recovery: {self.tally.codes}"
                await asyncio.sleep(0.05)
        finally:
            self._stopped = True
            await asyncio.gather(*workers)

    def report(self) -> Report:
        recovery = max(0.0, self.tally.last_failure - self.ended)
        return Report(self.tally, time.monotonic() - self._began, recovery)

    async def _ask(self, luck: random.Random) -> None:
        while not self._stopped:
            question = luck.choice(self.questions)
            began = time.monotonic()
            try:
                response = await self.client.post("/graphql", json=question.json)
            except httpx2.HTTPError as error:
                self.tally.failed(error)
                await asyncio.sleep(0.05)
            else:
                self.tally.slowest = max(self.tally.slowest, time.monotonic() - began)
                self.tally.add(question, response.content)
