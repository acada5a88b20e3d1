"""Which buckets a request takes from."""

from __future__ import annotations

from sync.politeness.rates import Bucket, Rate, buckets_of

EVERY = Rate("*", 20, 40)
MENUS = Rate("menus/*", 1, 1, by="X-Shop")


def test_a_request_takes_from_every_rate_that_names_its_path() -> None:
    assert buckets_of([EVERY, MENUS], "stock", {}) == [Bucket("* 20/s", 20, 40)]
    assert buckets_of([EVERY, MENUS], "menus/v2?x=/stock", {"x-shop": "7"}) == [
        Bucket("* 20/s", 20, 40),
        Bucket("menus/* 1/s 7", 1, 1),
    ]


def test_a_query_does_not_count() -> None:
    assert buckets_of([MENUS], "stock?path=menus/", {}) == []


def test_two_rates_of_one_path_have_buckets_of_their_own() -> None:
    assert len(buckets_of([EVERY, Rate("*", 11, 1_000)], "stock", {})) == 2


def test_the_same_rate_twice_is_one() -> None:
    assert buckets_of([EVERY, EVERY], "stock", {}) == [Bucket("* 20/s", 20, 40)]
