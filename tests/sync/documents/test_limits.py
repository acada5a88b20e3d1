"""What a source may declare about its limits."""

from __future__ import annotations

from typing import Any

import pytest

from sync.documents import Limits, Rate, limits_of
from sync.errors import SettingsError
from sync.settings import SourceSettings


def settings(**limits: Any) -> SourceSettings:
    return SourceSettings("bakery", "http_json", "http://bakery.example", limits=limits)


def test_what_a_source_does_not_declare_is_its_kinds() -> None:
    kinds_own = Limits(concurrency=2, rates=(Rate("menus", 1),))

    limits = limits_of(settings(attempts=7, request_seconds=0.5), kinds_own)

    assert (limits.concurrency, limits.attempts, limits.request_seconds) == (2, 7, 0.5)
    assert limits.rates == (Rate("menus", 1),)


def test_rates_are_data() -> None:
    limits = limits_of(settings(rates=[{"path": "menus/*", "per_second": 0.5, "burst": 3, "by": "X-Shop"}]))

    assert limits.rates == (Rate("menus/*", 0.5, 3, "X-Shop"),)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"speed": 1}, r"sources.bakery.limits may hold only concurrency, .* \(got 'speed'\)"),
    "negative": ({"attempts": -1}, r"limits.attempts must be a whole number above 0 \(got -1\)"),
    "zero": ({"total_seconds": 0}, r"limits.total_seconds must be a number above 0 \(got 0\)"),
    "a part": ({"concurrency": 1.5}, r"limits.concurrency must be a whole number above 0 \(got 1.5\)"),
    "without end": ({"request_seconds": float("inf")}, r"limits.request_seconds must be a number above 0 \(got inf\)"),
    "a boolean": ({"body_bytes": True}, r"limits.body_bytes must be a whole number above 0 \(got True\)"),
    "a text": ({"failures": "5"}, r"limits.failures must be a whole number above 0 \(got '5'\)"),
    "rates as a table": ({"rates": {}}, r"limits.rates must be a list of tables \(got {}\)"),
    "a rate as a number": ({"rates": [5]}, r"limits.rates\[0\] must be a table \(got 5\)"),
    "a rate of nothing": ({"rates": [{"burst": 5}]}, r"limits.rates\[0\].per_second must be a number above 0"),
    "an unknown rate": ({"rates": [{"per_second": 1, "x": 1}]}, r"limits.rates\[0\] may hold only .* \(got 'x'\)"),
    "no burst": ({"rates": [{"per_second": 1, "burst": 0}]}, r"limits.rates\[0\].burst must be a whole number above 0"),
    "a path as a number": ({"rates": [{"per_second": 1, "path": 1}]}, r"limits.rates\[0\].path must be a text"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_limit_that_makes_no_sense_is_named(case: str) -> None:
    limits, message = BAD[case]

    with pytest.raises(SettingsError, match=message):
        limits_of(settings(**limits))
