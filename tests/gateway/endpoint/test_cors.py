"""Pages of other origins: what their browsers are told."""

from __future__ import annotations

import pytest

from gateway.endpoint.cors import EXPOSED, Cors

SHOP = b"https://shop.example"
LISTED = ("https://shop.example", "http://localhost:3000")
ASKING = {b"origin": SHOP, b"access-control-request-method": b"POST"}


def answered(cors: Cors, headers: dict[bytes, bytes], *own: tuple[bytes, bytes]) -> dict[bytes, bytes]:
    """Every header of an answer by its name, each at most once."""
    told = cors.added_to(own, headers)
    assert len(dict(told)) == len(told)
    return dict(told)


def test_nobody_is_told_anything_where_nothing_is_set() -> None:
    cors = Cors()

    assert cors.headers({b"origin": SHOP}) == ()
    assert cors.preflight(ASKING) == ()


def test_a_listed_origin_may_read() -> None:
    assert Cors(LISTED).headers({b"origin": SHOP}) == (
        (b"vary", b"Origin"),
        (b"access-control-allow-origin", SHOP),
        (b"access-control-expose-headers", EXPOSED),
        (b"timing-allow-origin", SHOP),
    )


@pytest.mark.parametrize(
    "origin",
    [
        b"https://shop.example.evil.example",
        b"https://shop.example:443",
        b"http://shop.example",
        b"HTTPS://SHOP.EXAMPLE",
        b"null",
        b"",
        b"\xff",
    ],
)
def test_another_origin_may_not_and_no_cache_mixes_them_up(origin: bytes) -> None:
    cors = Cors(LISTED, credentials=True)

    assert cors.headers({b"origin": origin}) == ((b"vary", b"Origin"),)
    assert cors.preflight({**ASKING, b"origin": origin}) == ()
    assert cors.headers({}) == ((b"vary", b"Origin"),)


def test_every_origin_may_read_the_same_answer() -> None:
    cors = Cors(("*",))

    assert cors.headers({}) == cors.headers({b"origin": b"null"})
    assert dict(cors.headers({}))[b"access-control-allow-origin"] == b"*"
    assert b"vary" not in dict(cors.headers({}))


def test_cookies_are_admitted_where_that_is_set() -> None:
    admitted = (b"access-control-allow-credentials", b"true")

    assert admitted in Cors(LISTED, credentials=True).headers({b"origin": SHOP})
    assert admitted not in Cors(LISTED).headers({b"origin": SHOP})


def test_a_preflight_is_answered_with_what_it_asks_for() -> None:
    asked = {**ASKING, b"access-control-request-headers": b"content-type,x-api-key"}

    cors = Cors(LISTED)
    assert answered(cors, asked, *cors.preflight(asked)) == {
        b"access-control-allow-origin": SHOP,
        b"access-control-expose-headers": EXPOSED,
        b"timing-allow-origin": SHOP,
        b"access-control-allow-methods": b"GET, POST",
        b"access-control-max-age": b"7200",
        b"vary": b"Access-Control-Request-Headers, Origin",
        b"access-control-allow-headers": b"content-type,x-api-key",
    }


@pytest.mark.parametrize("origins", [(), LISTED, ("*",)])
@pytest.mark.parametrize("origin", [SHOP, b"https://other.example"])
def test_an_answer_has_one_vary(origins: tuple[str, ...], origin: bytes) -> None:
    own = ((b"etag", b'"1"'), (b"vary", b"Accept, Accept-Encoding"), (b"cache-control", b"no-store"))

    told = answered(Cors(origins), {b"origin": origin}, *own)

    expected = b"Accept, Accept-Encoding, Origin" if origins == LISTED else b"Accept, Accept-Encoding"
    assert told[b"vary"] == expected
    assert (told[b"etag"], told[b"cache-control"]) == (b'"1"', b"no-store")
    assert (b"access-control-allow-origin" in told) == (origins == ("*",) or (origins == LISTED and origin == SHOP))


@pytest.mark.parametrize("names", [b"", b"a b", b"a,\r\nset-cookie: b", b"\xff", b"a," * 2000])
def test_names_that_are_none_are_not_repeated(names: bytes) -> None:
    told = dict(Cors(("*",)).preflight({**ASKING, b"access-control-request-headers": names}))

    assert b"access-control-allow-headers" not in told
    assert told[b"access-control-allow-methods"] == b"GET, POST"


def test_options_that_is_no_preflight_is_like_any_answer() -> None:
    assert Cors(LISTED).preflight({b"origin": SHOP}) == ()
