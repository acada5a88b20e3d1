"""When a request is sent again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from sync.politeness.retries import RetryBudget, backoff_seconds, clock, retry_after_seconds, told_seconds

HERE = datetime(2025, 10, 8, 10, 0, tzinfo=UTC)


def http_date(instant: datetime) -> str:
    return format_datetime(instant, usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"), [("0", 0), ("120", 120), (" 5 ", 5), ("9" * 40, 999_999_999), ("-5", None), ("soon", None)]
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    assert retry_after_seconds({"retry-after": value}) == seconds


def test_retry_after_as_a_date_is_read_by_the_suppliers_clock() -> None:
    headers = {"retry-after": http_date(HERE + timedelta(seconds=90)), "date": http_date(HERE)}

    assert retry_after_seconds(headers) == 90


def test_retry_after_as_a_date_without_the_suppliers_clock_is_read_by_ours() -> None:
    headers = {"retry-after": http_date(datetime.now(UTC) + timedelta(seconds=90))}

    seconds = retry_after_seconds(headers)

    assert seconds is not None
    assert 80 < seconds <= 91


def test_a_date_that_is_past_asks_for_nothing() -> None:
    headers = {"retry-after": http_date(HERE - timedelta(days=1)), "date": http_date(HERE)}

    assert retry_after_seconds(headers) == 0


@pytest.mark.parametrize(
    ("status", "value", "least", "most"),
    [
        (429, "0", 1, 1),
        (429, "7", 7, 7),
        (429, "999999", 3_600, 3_600),
        (429, None, 1, 8),
        (503, "7", 7, 7),
        (503, None, 0, 0),
        (500, None, 0, 0),
    ],
)
def test_for_how_long_an_answer_asks_to_be_left_alone(status: int, value: str | None, least: int, most: int) -> None:
    headers = {} if value is None else {"retry-after": value}

    assert least <= told_seconds(status, headers, failures=3, longest=3_600) <= most


def test_a_429_that_comes_again_asks_for_more_within_bounds() -> None:
    told = [max(told_seconds(429, {}, failures, 3_600) for _ in range(200)) for failures in (0, 4, 500)]

    assert told[0] == 1
    assert 8 < told[1] <= 16
    assert 20 < told[2] <= 30


def test_pauses_are_spread_and_grow_up_to_a_second() -> None:
    for attempt, most in ((1, 0.2), (2, 0.4), (9, 1.0)):
        pauses = [backoff_seconds(attempt) for _ in range(300)]

        assert 0 <= min(pauses) < most / 4
        assert most * 3 / 4 < max(pauses) <= most


def test_retries_are_a_share_of_documents() -> None:
    budget = RetryBudget(share=0.5)
    spent = sum(budget.take_out() for _ in range(20))

    for _ in range(10):
        budget.pay_in()

    assert spent == 10
    assert sum(budget.take_out() for _ in range(20)) == 5


def test_what_long_ago_was_saved_does_not_count() -> None:
    budget = RetryBudget(share=1)

    for _ in range(10_000):
        budget.pay_in()

    assert sum(budget.take_out() for _ in range(100)) == 10


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("Wed, 08 Oct 2025 10:00:00 GMT", HERE),
        ("Wed, 08 Oct 2025 12:00:00 +0200", HERE),
        ("Wed, 08 Oct 2025 10:00:00 -0000", HERE),
        ("yesterday", None),
        ("Wed, 99 Oct 2025 10:00:00 GMT", None),
        (None, None),
    ],
)
def test_the_clock_is_the_date_header(date: str | None, instant: datetime | None) -> None:
    assert clock(date) == instant
