"""Every source meets every fault: the store says what it said, or what is true; never less, never younger."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pytest

from sync.runner import run_stream
from sync.runs import RunReport, State
from sync.settings import SourceSettings
from sync.simulators.supply import Supply
from sync.sources import streams_of
from tests.sync.conformance.cases import CASES, DERIVED, ONCE, Case, Effect
from tests.sync.conformance.contents import (
    Contents,
    Key,
    Unit,
    contents,
    emptied,
    forgiven,
    repeated_prices,
    rested,
)
from tests.sync.conformance.outcomes import Outcome, outcome
from tests.sync.conformance.subjects import NAMES, Alone, Subject, declared, subject

LIMITS = {"attempts": 2, "body_bytes": 2**20}
BUGS = ("AttributeError", "IndexError", "KeyError", "TypeError", "ValueError", "AssertionError", "InvalidOperation")
"""How a run fails whose source did not expect what it was told."""
HEALTHY: dict[Callable[[], Supply], tuple[Contents, Contents]] = {}

MATRIX = [
    pytest.param(kind, case, id=f"{kind}-{case.name}", marks=() if case.often else pytest.mark.slow)
    for kind in NAMES
    for case in CASES
]
ALONE = [
    pytest.param(kind, alone, id=f"{kind}-{alone.stream}", marks=() if alone.often else pytest.mark.slow)
    for kind in NAMES
    for alone in declared(kind).alone
]


async def run_all(url: str, of: Subject, settings: SourceSettings) -> list[RunReport]:
    """One run of each stream, in order, a while after the last ones."""
    rested(url, of.rest)
    return [await run_stream(settings, stream) for stream in streams_of(settings)]


async def fresh_import(url: str, of: Subject, address: str) -> Contents:
    """What an empty store says after one run of each stream."""
    emptied(url)
    for report in await run_all(url, of, of.settings(address, **LIMITS)):
        assert (report.state, report.problems) == (State.PUBLISHED, ())
    return contents(url)


async def healthy(url: str, of: Subject) -> tuple[Contents, Contents]:
    """What the supplier says before and after it moves on, without any fault."""
    if of.open not in HEALTHY:
        async with of.started() as (simulator, address):
            before = await fresh_import(url, of, address)
            await of.move_on(simulator)
            after = await fresh_import(url, of, address)
        assert before.rows, "the simulator must have something to sell"
        assert before.rows != after.rows, "the simulator must have moved on"
        HEALTHY[of.open] = before, after
        emptied(url)
    return HEALTHY[of.open]


@pytest.mark.parametrize(("kind", "case"), MATRIX)
async def test_a_fault_takes_nothing_away_and_makes_nothing_younger(
    request: pytest.FixtureRequest, store: str, outcomes: list[Outcome], kind: str, case: Case
) -> None:
    of = subject(kind)
    if not of.meets(case):
        pytest.skip(f"{kind} has nothing that {case.mode} could change")
    if lack := of.lack(case):
        request.applymarker(pytest.mark.xfail(reason=lack))
    before, after = await healthy(store, of)
    belief = of.belief(case)
    async with of.started() as (simulator, address):
        first = await run_all(store, of, of.settings(address, **LIMITS))
        was = contents(store)
        await of.move_on(simulator)

        simulator.faults.add(case.told())
        reports = await run_all(store, of, of.settings(address, **{**LIMITS, **case.limits}))
        found = contents(store)
        outcomes += [outcome(kind, case, report) for report in reports]

        assert was.rows == before.rows
        nothing_is_lost([before, after], found, belief)
        nothing_is_made_up([before, after], found, case.blind_to, belief)
        nothing_is_younger(first, after, found, case.blind_to, belief)
        for report in reports:
            says_what_is_wrong(case, report)
        if case.effect is Effect.NOTHING:
            assert found == was
        if case.effect is Effect.HEALED:
            assert found.rows == after.rows

        simulator.faults.clear()
        forgiven(store)
        if of.patience(case):
            rested(store, of.day_passes)
        await recovers(store, of, address, after, case)


@pytest.mark.parametrize(("kind", "alone"), ALONE)
async def test_a_unit_that_fails_alone_stands_as_it_was_and_the_others_publish(
    store: str, kind: str, alone: Alone
) -> None:
    of = subject(kind)
    if alone.open is not None:
        of = dataclasses.replace(of, open=alone.open)
    _, after = await healthy(store, of)
    case = Case(alone.stream, Effect.DOUBT, alone.fault, ONCE)
    async with of.started() as (simulator, address):
        first = {report.stream: report for report in await run_all(store, of, of.settings(address, **LIMITS))}
        was = contents(store)
        confirms = confirmed_by(was, first[alone.stream])
        await of.move_on(simulator)
        rested(store, of.rest)
        settings = of.settings(address, **{**LIMITS, **case.limits})
        # Rows refer to what the streams before this one say.
        for stream in itertools.takewhile(lambda name: name != alone.stream, first):
            await run_stream(settings, stream)
        simulator.faults.add(case.told())

        report = await run_stream(settings, alone.stream)

        found = contents(store)
        failed = {unit for unit in confirms if unit[1] in {bad.scope for bad in report.problems}}
        assert report.state is State.PUBLISHED
        assert failed
        assert said_of(was, failed) != said_of(after, failed), "what fails must have something else to say"
        assert said_of(found, failed) == said_of(was, failed)
        assert confirmed_by(found, report) == confirms - failed != set()
        assert said_of(found, confirms - failed) == said_of(after, confirms - failed)

        simulator.faults.clear()
        forgiven(store)
        await recovers(store, of, address, after, case)


def confirmed_by(found: Contents, report: RunReport) -> set[Unit]:
    """The units that a run has confirmed."""
    return {unit for unit, at in found.confirmed.items() if at == report.started_at}


def said_of(found: Contents, units: Collection[Unit]) -> Mapping[Key, Mapping[str, Any] | None]:
    """The rows of units, without what other streams have to do with."""
    return {key: seen(row, DERIVED) for key, row in found.rows.items() if found.units[key] in units}


def nothing_is_lost(truths: Sequence[Contents], found: Contents, belief: Collection[str]) -> None:
    """What every truth has, the store has. Of kinds in ``belief`` anything is allowed."""
    always = set.intersection(*(set(truth.rows) for truth in truths))
    assert sorted(key for key in always - set(found.rows) if key[0] not in belief) == []


def nothing_is_made_up(
    truths: Sequence[Contents], found: Contents, blind_to: Collection[str], belief: Collection[str]
) -> None:
    """Each row says what one of the truths says."""
    strangers = {
        key: (row, [truth.rows.get(key) for truth in truths])
        for key, row in found.rows.items()
        if key[0] not in belief and seen(row, blind_to) not in [seen(truth.rows.get(key), blind_to) for truth in truths]
    }
    assert strangers == {}


def nothing_is_younger(
    first: Sequence[RunReport], truth: Contents, found: Contents, blind_to: Collection[str], belief: Collection[str]
) -> None:
    """A row that does not say what the supplier says claims no confirmation after the healthy runs.

    But for the availability of an item that is still there: of that the supplier's stock has spoken.
    """
    latest = max(report.started_at for report in first)
    pretenders = {
        key: (claim, found.rows[key], truth.rows.get(key))
        for key, claim in found.claims.items()
        if claim is not None
        and claim > latest
        and key[0] not in belief
        and seen(found.rows[key], blind_to) != seen(truth.rows.get(key), blind_to)
        and not (key[0] == "availability" and ("item", found.rows[key]["item"]) not in truth.rows)
    }
    assert pretenders == {}


def seen(row: Mapping[str, Any] | None, blind_to: Collection[str]) -> Mapping[str, Any] | None:
    return row and {name: value for name, value in row.items() if name not in blind_to}


def says_what_is_wrong(case: Case, report: RunReport) -> None:
    """A run that is not published, or publishes less than there is, tells its operator why."""
    if case.effect is Effect.HEALED:
        assert report.state is State.PUBLISHED
    elif case.effect is Effect.NOTHING:
        assert report.state is State.FAILED
    if report.state is not State.PUBLISHED or report.quarantined or report.failed_documents:
        assert report.error or [found for found in report.problems if found.rule and found.value]
    assert "Traceback" not in report.error
    assert not report.error.startswith(BUGS)


async def recovers(url: str, of: Subject, address: str, truth: Contents, case: Case) -> None:
    """Once the fault is over, a run of each stream makes the store what a fresh import makes it.

    What was taken for true may be a loss to take back, which the supplier has to say twice, or an operator approves.
    A clock that goes back to what is right is worth a note.
    """
    settings = of.settings(address, **LIMITS)
    if of.belief(case):
        settings = dataclasses.replace(settings, guards={"source_loss": False})
        await run_all(url, of, settings)
    reports = await run_all(url, of, settings)

    found = contents(url)
    assert {report.state for report in reports} == {State.PUBLISHED}
    assert [problem for report in reports for problem in report.problems] == [] or case.mode.startswith("clock")
    assert found.rows == truth.rows
    assert {key for key, claim in found.claims.items() if claim is None or claim < reports[0].started_at} == set()
    assert repeated_prices(url) == 0
