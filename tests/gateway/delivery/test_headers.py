"""What caches are told, header by header."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from gateway.delivery.compression import Compression
from gateway.delivery.conditions import is_known
from gateway.delivery.headers import Delivery
from gateway.delivery.hints import CachePolicy
from gateway.delivery.representations import Response
from sync.surrogates import ANY, MAX_BYTES, surrogate_key, surrogate_keys

JSON, GRAPHQL = "application/json", "application/graphql-response+json"
BODY = b'{"data":{"items":[' + b",".join(b'{"name":"Reis"}' for _ in range(100)) + b"]}}"
PUBLIC, PRIVATE, NEVER = CachePolicy(60), CachePolicy(60, private=True), CachePolicy(0)


@pytest.fixture
def delivery() -> Delivery:
    return Delivery(Compression(("br", "gzip")))


def said(response: Response) -> dict[str, str]:
    """The headers by name, each at most once."""
    found = {name.decode(): value.decode() for name, value in response.headers}
    assert len(found) == len(response.headers)
    return found


async def test_an_answer_to_get_carries_everything_that_a_cache_needs(delivery: Delivery) -> None:
    kept = delivery.representations(BODY, PUBLIC, ["larder_item", "larder_offer"])
    shown = await kept.made(JSON, "gzip")
    response = delivery.to_get(shown, PUBLIC)

    assert response.status == 200
    assert gzip.decompress(response.body) == BODY
    assert said(response) == {
        "content-type": "application/json; charset=utf-8",
        "content-length": str(len(response.body)),
        "content-encoding": "gzip",
        "etag": shown.etag,
        "vary": "Accept, Accept-Encoding",
        "surrogate-key": "larder_item larder_offer",
        "cache-control": "max-age=60, public",
    }


async def test_a_private_answer_names_no_surrogates_and_varies_by_who_asks() -> None:
    delivery = Delivery(Compression(()), vary=("Origin",), identifying=("Authorization", "X-Api-Key"))
    kept = delivery.representations(BODY, PRIVATE, ["larder_item"])

    headers = said(delivery.to_get(await kept.made(JSON, ""), PRIVATE))

    assert headers["cache-control"] == "max-age=60, private"
    assert headers["vary"] == "Accept, Accept-Encoding, Origin, Authorization, X-Api-Key"
    assert "surrogate-key" not in headers


@pytest.mark.parametrize(
    ("policy", "to_change", "age", "expected"),
    [
        (PUBLIC, None, 0, ("max-age=60, public", None)),
        (NEVER, None, 0, ("no-store", None)),
        (PUBLIC, 61.0, 0, ("max-age=60, public", None)),
        (PUBLIC, 12.9, 0, ("max-age=12, public", None)),
        (PUBLIC, 0.9, 0, ("no-store", None)),
        (PUBLIC, -3.0, 0, ("no-store", None)),
        (PUBLIC, None, 5, ("max-age=60, public", "5")),
        (PUBLIC, 10.0, 5, ("max-age=15, public", "5")),
        (PUBLIC, 57.0, 5, ("max-age=60, public", "5")),
        (PUBLIC, 0.5, 5, ("no-store", None)),
        (PUBLIC, None, 60, ("no-store", None)),
        (PUBLIC, None, 70, ("no-store", None)),
    ],
)
async def test_an_answer_is_kept_no_longer_than_its_values_hold(
    delivery: Delivery, policy: CachePolicy, to_change: float | None, age: int, expected: tuple[str, str | None]
) -> None:
    shown = await delivery.representations(BODY, policy).made(JSON, "")

    headers = said(delivery.to_get(shown, policy, seconds_to_change=to_change, age_seconds=age))

    assert (headers["cache-control"], headers.get("age")) == expected


@pytest.mark.parametrize(
    ("policy", "to_change", "surrogate"),
    [
        (PUBLIC, None, "max-age=3600"),
        (PUBLIC, 100.0, "max-age=100"),
        (PRIVATE, None, None),
        (NEVER, None, None),
    ],
)
async def test_a_cdn_that_is_purged_may_keep_longer(
    policy: CachePolicy, to_change: float | None, surrogate: str | None
) -> None:
    delivery = Delivery(
        Compression(()), stale_while_revalidate_seconds=30, stale_if_error_seconds=600, surrogate_max_age_seconds=3600
    )
    shown = await delivery.representations(BODY, policy).made(JSON, "")

    headers = said(delivery.to_get(shown, policy, seconds_to_change=to_change))

    assert headers.get("surrogate-control") == surrogate
    if policy is PUBLIC:
        stale_if_error = 600 if to_change is None else int(to_change) - 60
        expected = f"max-age=60, public, stale-while-revalidate=30, stale-if-error={stale_if_error}"
        assert headers["cache-control"] == expected


@pytest.mark.parametrize(
    ("to_change", "age", "stale"),
    [
        (None, 0, "60, public, stale-while-revalidate=30, stale-if-error=600"),
        (1000.0, 0, "60, public, stale-while-revalidate=30, stale-if-error=600"),
        (100.9, 0, "60, public, stale-while-revalidate=30, stale-if-error=40"),
        (70.0, 0, "60, public, stale-while-revalidate=10, stale-if-error=10"),
        (60.9, 0, "60, public"),
        (5.0, 0, "5, public"),
        (60.0, 10, "60, public, stale-while-revalidate=10, stale-if-error=10"),
        (5.0, 10, "15, public"),
        (None, 10, "60, public, stale-while-revalidate=30, stale-if-error=600"),
    ],
)
async def test_nobody_gives_a_stale_answer_beyond_the_change_of_a_value(
    to_change: float | None, age: int, stale: str
) -> None:
    delivery = Delivery(Compression(()), stale_while_revalidate_seconds=30, stale_if_error_seconds=600)
    shown = await delivery.representations(BODY, PUBLIC).made(JSON, "")

    headers = said(delivery.to_get(shown, PUBLIC, seconds_to_change=to_change, age_seconds=age))

    assert headers["cache-control"] == f"max-age={stale}"


async def test_every_representation_has_a_tag_of_its_own(delivery: Delivery) -> None:
    kept = delivery.representations(BODY, PUBLIC)
    tags = {(await kept.made(media, encoding)).etag for media in (JSON, GRAPHQL) for encoding in ("", "gzip", "br")}
    other = await delivery.representations(BODY + b" ", PUBLIC).made(JSON, "")
    same = await delivery.representations(BODY, PUBLIC).made(JSON, "")

    assert len(tags) == 6
    assert other.etag not in tags
    assert same.etag in tags


async def test_a_client_that_has_it_is_told_so_without_the_body(delivery: Delivery) -> None:
    shown = await delivery.representations(BODY, PUBLIC, ["larder_item"]).made(JSON, "gzip")

    response = delivery.to_get(shown, PUBLIC, f'"other", W/{shown.etag}')

    assert (response.status, response.body) == (304, b"")
    assert said(response) == {
        "cache-control": "max-age=60, public",
        "etag": shown.etag,
        "vary": "Accept, Accept-Encoding",
        "surrogate-key": "larder_item",
    }


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ("", False),
        ('"a"', True),
        ('W/"a"', True),
        ("*", True),
        (" * ", True),
        ('"b"', False),
        ('"b", "a"', True),
        ('"b","a"', True),
        ('W/"b" , W/"a"', True),
        (',, "a",', True),
        ('"b,a"', False),
        ('"x", "b,", "a"', True),
        ("a", False),
        ('"a', False),
        ('w/"a"', False),
        ('"b" "a"', False),
        ('"b", junk, "a"', False),
        ('"b", ' * 2000 + '"a"', False),
    ],
)
def test_entity_tags_are_compared_weakly(header: str, known: bool) -> None:
    assert is_known(header, '"a"') is known


async def test_an_answer_to_post_is_kept_by_nobody(delivery: Delivery) -> None:
    shown = await delivery.representations(BODY, PUBLIC, ["larder_item"]).made(GRAPHQL, "br")

    assert said(delivery.to_post(shown)) == {
        "content-type": "application/graphql-response+json; charset=utf-8",
        "content-length": str(len(shown.body)),
        "content-encoding": "br",
        "cache-control": "no-store",
    }


async def test_an_answer_that_is_sent_once_is_kept_by_nobody(delivery: Delivery) -> None:
    response = await delivery.once(400, BODY, JSON, "gzip")

    assert response.status == 400
    assert gzip.decompress(response.body) == BODY
    assert said(response)["cache-control"] == "no-store"
    assert "etag" not in said(response)


async def test_a_small_body_is_never_encoded(delivery: Delivery) -> None:
    kept = delivery.representations(b"{}", PUBLIC)
    shown = await kept.made(JSON, "gzip")

    assert (shown.body, shown.encoding) == (b"{}", "")
    assert kept.ready(JSON, "gzip") is shown
    assert kept.weight == 2


async def test_an_encoding_is_made_once_for_all_who_wait_and_one_who_leaves_takes_nothing_away(
    delivery: Delivery,
) -> None:
    kept = delivery.representations(BODY * 100, PUBLIC)
    assert kept.ready(JSON, "gzip") is None

    first = asyncio.create_task(kept.made(JSON, "gzip"))
    others = [asyncio.create_task(kept.made(media, "gzip")) for media in (JSON, GRAPHQL)]
    await asyncio.sleep(0)
    first.cancel()
    bodies = {id((await other).body) for other in others}

    assert first.cancelled()
    assert len(bodies) == 1
    assert kept.weight == len(BODY) * 100 + len((await others[0]).body)


def test_keys_of_surrogates_fit_one_header() -> None:
    many = [f"larder_confirmation/canteens/menu/{number}" for number in range(100)]

    assert surrogate_keys(["b", "a", "b"]) == "a b"
    assert surrogate_keys(many) == ANY
    assert len(surrogate_keys(many[:50])) <= MAX_BYTES


@pytest.mark.parametrize(
    ("head", "key"), [("larder_item", "larder_item"), ("a b", "a%20b"), ("a\r\nx", "a%0D%0Ax"), ("Mü", "M%C3%BC")]
)
def test_a_key_never_breaks_its_header(head: str, key: str) -> None:
    assert surrogate_key(head) == key
