"""The response cache over HTTP: no answer is older than the bound, torn, or past a boundary of the clock.

``CACHE_TRUTH_READS``: requests of the long run, over two applications, with one worker and with two.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import pytest

from sync import sources
from tests.acceptance.truth import kitchens
from tests.acceptance.truth.asking import Answers
from tests.acceptance.truth.gateways import events, read, serving
from tests.acceptance.truth.history import Judge, Wrong
from tests.acceptance.truth.planted import BUGS
from tests.acceptance.truth.rounds import each_way, who_comes_late
from tests.acceptance.truth.troubles import cut_heads, locking, troubled
from tests.acceptance.truth.worlds import World, catalog, library
from tests.acceptance.truth.writing import Writers

READS = int(os.environ.get("CACHE_TRUTH_READS", "100000"))
FEW_READS = 700
WRITERS_REST_SECONDS = 0.8
LOCKED_SECONDS = 0.3

Opens = Callable[[], Awaitable[World]]


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind of the sources that publish places."""
    monkeypatch.setitem(sources.KINDS, "kitchens", kitchens.KIND)


async def asked(store: str, world: World, reads: int, *options: str, **settings: str) -> list[Wrong]:
    """What is wrong with answers while the store changes: one way at a time, in every way at once, and in trouble."""
    working = Writers(world.writers, WRITERS_REST_SECONDS)
    with serving(*options, **world.settings, **settings) as url:
        parts = [
            await each_way(url, world.writers[-1], world.questions),
            await who_comes_late(store, url, world.writers[0], world.late, world.locked),
        ]
        began = time.monotonic()
        with working.at_work():
            async with troubled(store, locking(world.locked, LOCKED_SECONDS), cut_heads):
                parts.append(await read(url, world.questions, lambda answers: answers.count >= reads))
        seconds, counted = time.monotonic() - began, await events(url)
    wrong = [bad for answers in parts for bad in answers.wrong(working.histories, Judge())]
    told(f"{reads} requests in {seconds:.0f} s", parts, working, wrong, counted)
    assert not any(answers.codes for answers in parts)
    return wrong


def told(what: str, parts: Sequence[Answers], working: Writers, wrong: Sequence[Wrong], counted: Counter[str]) -> None:
    """Print the figures that the test is run for."""
    ways = sum((answers.ways for answers in parts), Counter[str]())
    routes = sum((writer.routes for writer in working.writers), Counter[str]())
    kinds = Counter(f"{one.kind} {one.question.split()[0]}" for one in wrong)
    print(  # noqa: T201 - the figures that the test is run for
        f"{what}, {sum(ways.values())} answers {dict(ways)}, {sum(len(one.bodies) for one in parts)} different, beside"
        f" {working.transactions} transactions {dict(routes)}; cache of a worker {dict(counted)};"
        f" errors {[dict(one.codes) for one in parts]}; {len(wrong)} wrong {dict(kinds)}"
    )


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("world", [catalog, library])
@pytest.mark.slow
async def test_every_answer_is_true(store: str, world: Opens, workers: str) -> None:
    assert await asked(store, await world(), READS // 4, "--workers", workers) == []


@pytest.mark.parametrize(("world", "workers"), [(catalog, "2"), (library, "1")])
async def test_every_answer_of_a_few_is_true(store: str, world: Opens, workers: str) -> None:
    assert await asked(store, await world(), FEW_READS, "--workers", workers) == []


@pytest.mark.slow
async def test_every_answer_is_true_without_plans(store: str) -> None:
    assert await asked(store, await catalog(), FEW_READS, LARDER_PLANS="off") == []


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
async def test_a_bug_in_the_cache_is_found(store: str, bug: str) -> None:
    assert await asked(store, await catalog(), FEW_READS, LARDER_APPS=f"tests.acceptance.truth.planted.{bug}")
