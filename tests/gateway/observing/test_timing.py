"""``Server-Timing`` as browsers read it."""

from __future__ import annotations

import re

from gateway.observing.timing import server_timing
from tests.gateway.observing.exchanges import answered

METRIC = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+(;(dur=\d+(\.\d+)?|desc=[A-Za-z-]+))*$")


def test_phases_are_told_in_their_order_in_milliseconds() -> None:
    exchange = answered(phases={"db": 0.0125, "cache": 0.00001, "parse": 0.001, "compress": 0.5})

    told = server_timing(exchange).decode()

    assert told.startswith(
        "parse;dur=1.000, cache;desc=miss;dur=0.010, db;dur=12.500, compress;dur=500.000, total;dur="
    )
    assert all(METRIC.match(metric) for metric in told.split(", "))


def test_the_outcome_of_the_cache_is_told_without_its_time() -> None:
    assert server_timing(answered(cache="hit")).startswith(b"cache;desc=hit, total;dur=")


def test_what_no_cache_was_asked_for_has_none() -> None:
    assert server_timing(answered(cache="")).startswith(b"total;dur=")
