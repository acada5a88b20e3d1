"""Requests counted, and percentiles read from the buckets."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from gateway.observing.requests import BUCKETS, KEYS, Requests
from tests.gateway.observing.exchanges import answered

WIDEST = max(higher / lower for lower, higher in pairwise(BUCKETS))


def percentile(buckets: list[int], share: float) -> float:
    """As Prometheus' ``histogram_quantile``: linear within the bucket."""
    rank, below = share * sum(buckets), 0
    for place, count in enumerate(buckets):
        if below + count >= rank:
            lower = BUCKETS[place - 1] if place else 0.0
            upper = BUCKETS[place] if place < len(BUCKETS) else lower
            return lower + (upper - lower) * (rank - below) / count
        below += count
    raise AssertionError


def test_buckets_go_from_100_microseconds_to_10_seconds() -> None:
    assert BUCKETS[0] == 0.0001
    assert BUCKETS[-1] == 10.0
    assert list(BUCKETS) == sorted(set(BUCKETS))
    assert WIDEST < 1.29


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("typical", [0.0005, 0.02, 0.8])
def test_percentiles_are_right_within_15_percent(typical: float, share: float) -> None:
    drawn = random.Random(7)  # noqa: S311 - durations
    durations = sorted(typical * math.exp(drawn.gauss(0, 0.5)) for _ in range(20_000))
    requests = Requests(10, 10)

    for seconds in durations:
        requests.note(answered(), seconds)

    [total] = requests.totals.values()
    exact = durations[math.ceil(share * len(durations)) - 1]
    assert percentile(total.buckets, share) == pytest.approx(exact, rel=0.15)


@pytest.mark.parametrize("seconds", [0.0, 0.0001, 0.00010001, 0.0125, 9.9, 10.0, 10.1, 4000.0])
def test_a_duration_is_within_its_bucket(seconds: float) -> None:
    requests = Requests(10, 10)

    requests.note(answered(), seconds)

    [total] = requests.totals.values()
    place = total.buckets.index(1)
    assert seconds <= (*BUCKETS, math.inf)[place]
    assert place == 0 or seconds > BUCKETS[place - 1]


def test_what_requests_cost_is_added() -> None:
    requests = Requests(10, 10)

    for _ in range(3):
        requests.note(answered(sent_bytes=100, statements=2, codes=("BAD_CURSOR",)), 0.5)

    [total] = requests.totals.values()
    assert (total.seconds, total.sent_bytes, total.statements, sum(total.buckets)) == (1.5, 300, 6, 3)
    assert requests.codes == {"BAD_CURSOR": 3}


def test_names_beyond_the_bound_are_told_as_one() -> None:
    requests = Requests(2, 2)

    for number in range(5):
        requests.note(answered(operation=f"O{number}", client=f"c{number}"), 0.1)

    assert {key.operation for key in requests.totals} == {"O0", "O1", "other"}
    assert {key.client for key in requests.totals} == {"c0", "c1", "other"}


def test_what_is_refused_claims_no_name() -> None:
    requests = Requests(1, 1)

    requests.note(answered(operation="Made", client="up", cache="", executor="", status=400), 0.1)
    requests.note(answered(), 0.1)

    assert [(key.operation, key.client) for key in requests.totals] == [("other", "other"), ("Storefront", "web")]


def test_nobody_has_a_name_as_well() -> None:
    requests = Requests(1, 1)

    requests.note(answered(operation=None, client=None), 0.1)

    [key] = requests.totals
    assert (key.operation, key.client) == ("anonymous", "unnamed")


def test_keys_are_bounded_and_none_is_lost() -> None:
    requests = Requests(1, 1)

    for status in range(KEYS + 100):
        requests.note(answered(status=status), 0.1)

    assert len(requests.totals) <= KEYS + 1
    assert sum(sum(total.buckets) for total in requests.totals.values()) == KEYS + 100
