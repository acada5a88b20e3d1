"""The comparison finds a bug that is planted in the plans' answers, and shows it by a small operation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.equality.applications import APPLICATIONS
from tests.equality.candidates import plans
from tests.equality.planted import ignored, lost, planting, swapped
from tests.equality.session import compare

OPERATIONS = 150
BUGS: dict[str, tuple[dict[str, Any], str]] = {
    "a swapped leaf": ({"change": swapped("Price", "validFrom", "validUntil")}, "validFrom"),
    "a missing row": ({"damage": lost}, "{"),
    "an ignored argument": ({"change": ignored("Item", "prices", "channel")}, "channel:"),
    "an ignored viewer": ({"viewers_mixed_up": True}, "price"),
}


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(store: str, bug: str) -> None:
    application = APPLICATIONS["shipped"]()
    stored = application.fill()
    planted, shown = BUGS[bug]

    outcome = compare(application, store, stored, count=OPERATIONS, candidate=planting(**planted, within=plans))

    print(f"{bug}: {outcome}")  # noqa: T201 - shown with -s
    assert outcome.differences
    assert shown in outcome.smallest[0].operation.document
    assert len(outcome.smallest[0].operation.document) < 400
