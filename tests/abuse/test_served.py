"""Bad requests and bad HTTP against ``larder serve``, and somebody beside them who wants nothing but an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.abuse.beside import bystander
from tests.abuse.bodies import all_bodies
from tests.abuse.cases import Bad
from tests.abuse.documents import all_documents
from tests.abuse.sending import answer_to, answers_to
from tests.abuse.variables import all_variables
from tests.abuse.wire import LAST, SLOW, Script, all_scripts, slow
from tests.clients.gateways import gateway

pytestmark = pytest.mark.slow

CASES = [*all_bodies(), *all_documents(), *all_variables()]
SETTINGS = {"LARDER_REQUEST_COMPRESSION": "on", "LARDER_BATCHING": "5"}
AT_ONCE = 4
LONGEST_WAIT_MS = 2_000
"""Of a bystander, on any machine; an idle one of two cores keeps it below 100."""


async def found_wrong(url: str, case: Bad) -> list[str]:
    """What is wrong with the answer to a case."""
    try:
        answer = await answer_to(url, case.wire())
    except (OSError, TimeoutError) as error:
        return [f"{case}: {error!r}"]
    return [f"{case}: {problem}" for problem in answer.problems(empty=case.method == "HEAD")]


async def all_found_wrong(url: str, cases: list[Bad]) -> list[str]:
    """What is wrong with all answers, several asked for at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(case: Bad) -> list[str]:
        async with room:
            return await found_wrong(url, case)

    return [problem for problems in await asyncio.gather(*map(one, cases)) for problem in problems]


@contextmanager
def still_served(url: str, name: str) -> Iterator[None]:
    """Somebody is served meanwhile."""
    with bystander(url, name) as waits:
        yield
    assert waits.worst < LONGEST_WAIT_MS, str(waits)


async def test_no_bad_request_is_more_than_refused_and_nobody_waits_for_it(stocked_store: str) -> None:
    with gateway(**SETTINGS) as url:
        with still_served(url, "alone"):
            await asyncio.sleep(3)
        for number in range(1, 4):
            with still_served(url, f"beside {len(CASES)} bad requests, run {number}"):
                wrong = await all_found_wrong(url, CASES)
            assert wrong == [], "\n".join(wrong)


async def found_wrong_of(url: str, script: Script) -> list[str]:
    """What is wrong with what a script leads to."""
    patience = 30.0 if script.statuses else 1.0
    try:
        answers = await answers_to(url, *script.parts, pause=script.pause, patience=patience)
    except TimeoutError:
        return [] if script.statuses is None else [f"{script}: no end"]
    problems = [problem for answer in answers for problem in answer.problems()]
    statuses = [answer.status for answer in answers]
    if script.statuses is not None and not (
        len(statuses) == len(script.statuses)
        and all(status in allowed for status, allowed in zip(statuses, script.statuses, strict=True))
    ):
        problems.append(f"answered {statuses}, not {[sorted(allowed) for allowed in script.statuses]}")
    return [f"{script}: {problem}" for problem in problems]


async def test_bad_http_is_refused_or_cut_off(stocked_store: str) -> None:
    with gateway(**SETTINGS) as url, still_served(url, "beside bad HTTP"):
        wrong = [problem for script in all_scripts() for problem in await found_wrong_of(url, script)]
        alive = await answer_to(url, LAST)

    assert wrong == [], "\n".join(wrong)
    assert alive.status == 200


async def test_who_dawdles_is_cut_off(stocked_store: str) -> None:
    scripts = list(slow())

    with gateway(**SETTINGS, **SLOW) as url, still_served(url, "beside slow clients"):
        found = await asyncio.gather(*(found_wrong_of(url, script) for script in scripts * 5))

    wrong = [problem for problems in found for problem in problems]
    assert wrong == [], "\n".join(wrong)
