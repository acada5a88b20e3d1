"""What may be said about availability: a table of states, ages and ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from resolvers.availability import state, until

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("stored", "ends", "held", "confirmed", "expected"),
    [
        ("AVAILABLE", None, None, NOW, "AVAILABLE"),
        ("SOLD_OUT", None, None, NOW, "SOLD_OUT"),
        ("HIDDEN", None, None, NOW, "HIDDEN"),
        (None, None, None, None, "UNKNOWN"),
        (None, None, None, NOW, "UNKNOWN"),
        ("AVAILABLE", None, None, None, "UNKNOWN"),
        ("AVAILABLE", None, None, NOW - timedelta(seconds=600), "AVAILABLE"),
        ("AVAILABLE", None, None, NOW - timedelta(seconds=601), "UNKNOWN"),
        ("SOLD_OUT", None, None, NOW - timedelta(seconds=601), "UNKNOWN"),
        ("AVAILABLE", None, NOW - timedelta(seconds=601), NOW, "UNKNOWN"),
        ("SOLD_OUT", AFTER, None, NOW, "SOLD_OUT"),
        ("SOLD_OUT", NOW, None, NOW, "AVAILABLE"),
        ("SOLD_OUT", BEFORE, None, NOW, "AVAILABLE"),
        ("HIDDEN", BEFORE, None, NOW, "AVAILABLE"),
        ("AVAILABLE", BEFORE, None, NOW, "UNKNOWN"),
        ("SOLD_OUT", BEFORE, None, NOW - timedelta(seconds=601), "UNKNOWN"),
    ],
)
def test_state(
    stored: str | None, ends: datetime | None, held: datetime | None, confirmed: datetime | None, expected: str
) -> None:
    assert state(stored, ends, held, confirmed, 60, 600, instant=NOW) == expected


@pytest.mark.parametrize(("ends", "expected"), [(None, None), (AFTER, AFTER), (NOW, None), (BEFORE, None)])
def test_until_is_told_only_while_it_lies_ahead(ends: datetime | None, expected: datetime | None) -> None:
    assert until(ends, instant=NOW) == expected
