"""Compressed bodies: what they say, and where inflating stops."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from gateway.endpoint.errors import RequestError
from gateway.endpoint.inflating import ENCODINGS, inflate
from gateway.endpoint.requests import GraphQLRequest, RequestReader, RequestRules
from tests.gateway.endpoint.test_requests import JSON, Body, scope

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


def test_every_encoding_is_tested() -> None:
    assert {name.encode() for name in COMPRESS} == set(ENCODINGS)


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("size", [0, 1, 999, 1000])
def test_a_body_up_to_the_limit(encoding: str, size: int) -> None:
    assert inflate(COMPRESS[encoding](b"a" * size), encoding.encode(), 1000) == b"a" * size


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("size", [1001, 30_000_000])
def test_a_body_above_the_limit(encoding: str, size: int) -> None:
    with pytest.raises(RequestError, match="the body is larger than 1000 bytes") as caught:
        inflate(COMPRESS[encoding](b"a" * size), encoding.encode(), 1000)

    assert caught.value.status == 413


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("size", [100_000, 30_000_000])
def test_inflating_stops_about_the_limit(encoding: str, size: int) -> None:
    found = ENCODINGS[encoding.encode()](COMPRESS[encoding](b"a" * size), 50_000)

    assert 50_000 <= len(found) <= 200_000


def test_what_inflates_is_told_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENCODINGS, b"gzip", lambda _data, most: str(most).encode())

    assert inflate(b"", b"gzip", 1000) == b"1001"


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize("data", [b"", b"{}", b"\x00" * 50])
def test_a_body_that_is_not_what_it_says(encoding: str, data: bytes) -> None:
    with pytest.raises(RequestError, match=f"the body is not {encoding}"):
        inflate(data, encoding.encode(), 1000)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_body_that_is_cut(encoding: str) -> None:
    with pytest.raises(RequestError, match=f"the body is not {encoding}"):
        inflate(COMPRESS[encoding](b"abc" * 100)[:-3], encoding.encode(), 1000)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_with_something_behind_it(encoding: str) -> None:
    with pytest.raises(RequestError, match=f"the body is not {encoding}"):
        inflate(COMPRESS[encoding](b"abc") + b"x", encoding.encode(), 1000)


def test_a_window_that_would_take_much_memory() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    data = zstandard.ZstdCompressor(compression_params=parameters).compressobj()

    with pytest.raises(RequestError, match="the body is not zstd"):
        inflate(data.compress(b"a" * 100) + data.flush(), b"zstd", 1000)


@pytest.mark.parametrize("encoding", [b"compress", b"gzip, gzip", b"\xff"])
def test_another_encoding_is_told_what_is_read(encoding: bytes) -> None:
    with pytest.raises(RequestError, match="use one content encoding of gzip, deflate, br, zstd, not") as caught:
        inflate(b"", encoding, 1000)

    assert (caught.value.status, caught.value.headers) == (415, ((b"accept-encoding", b"gzip, deflate, br, zstd"),))


@pytest.mark.parametrize("encoding", COMPRESS)
async def test_a_compressed_request_where_that_is_set(encoding: str) -> None:
    reader = RequestReader(RequestRules(compression=True))
    headers = [JSON, (b"content-encoding", f" {encoding.upper()}".encode())]

    request = await reader.read(scope("POST", b"", *headers), Body(COMPRESS[encoding](b'{"query": "{ a }"}')))

    assert request == GraphQLRequest({"query": "{ a }"})
