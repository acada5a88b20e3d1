"""Generated operations: plans answer with the bytes of the resolver path, whatever is asked.

``EQUALITY_OPERATIONS=5000`` runs so many for each application in the test marked slow; ``-s`` shows what they came to.
"""

from __future__ import annotations

import os

import pytest

from tests.equality.applications import APPLICATIONS
from tests.equality.candidates import plans
from tests.equality.damage import damaged
from tests.equality.session import Outcome, compare

SEED = int(os.environ.get("EQUALITY_SEED", "0"))
FEW, DAMAGED = 150, 80
MANY = int(os.environ.get("EQUALITY_OPERATIONS", "1000"))


def compared(name: str, store: str, *, count: int, rotten: bool = False) -> Outcome:
    application = APPLICATIONS[name]()
    stored = application.fill()
    with damaged(store, application.damage if rotten else ()):
        outcome = compare(application, store, stored, count=count, seed=SEED, candidate=plans)
    print(f"{name}{' damaged' if rotten else ''}, seed {SEED}: {outcome}")  # noqa: T201 - shown with -s
    return outcome


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", APPLICATIONS)
def test_plans_answer_as_the_resolver_path_does(store: str, name: str, count: int) -> None:
    outcome = compared(name, store, count=count)

    assert not outcome.differences, str(outcome)
    assert outcome.planned >= 90, str(outcome)
    assert outcome.tallies["own"].full >= 60, str(outcome)


@pytest.mark.parametrize("count", [DAMAGED, pytest.param(MANY, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", APPLICATIONS)
def test_values_that_the_schema_does_not_admit_are_left_to_the_resolver_path(store: str, name: str, count: int) -> None:
    outcome = compared(name, store, count=count, rotten=True)

    assert not outcome.differences, str(outcome)
    assert outcome.tallies["own"].with_errors >= count // 10
    assert outcome.tallies["own"].answered >= count // 10
