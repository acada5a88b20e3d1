"""Encodings: which one a client gets, and that it can be read."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from gateway.delivery import compression
from gateway.delivery.compression import CODECS, IDENTITY, LEAST_BYTES, LOOP_BYTES, Codec, Compression, compressed

READ: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstandard.ZstdDecompressor().decompress,
}


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("", IDENTITY),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip;q=0.5,br;q=0.5", "br"),
        ("br ; q=0.2 , gzip ; q=0.1", "br"),
        ("deflate", IDENTITY),
        ("*", "zstd"),
        ("*;q=0", IDENTITY),
        ("zstd;q=0, *", "br"),
        ("gzip;q=0", IDENTITY),
        ("identity", IDENTITY),
        ("identity, gzip", "gzip"),
        ("identity;q=1, gzip;q=0.5", IDENTITY),
        ("identity;q=0", IDENTITY),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("gzip;q=nan", IDENTITY),
        ("gzip;q=2", IDENTITY),
        ("gzip;q=", IDENTITY),
        ("gzip;level=9", "gzip"),
        (",,;=, gzip", "gzip"),
        ("x" * 10_000 + ", gzip", "gzip"),
    ],
)
def test_a_client_gets_what_it_likes_best(accept: str, encoding: str) -> None:
    assert Compression(("zstd", "br", "gzip")).choice(accept) == encoding


def test_only_what_is_offered_is_sent() -> None:
    assert Compression(("gzip",)).choice("zstd, br, gzip;q=0.1") == "gzip"
    assert Compression(()).choice("zstd, br, gzip, *") == IDENTITY


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("encoding", list(CODECS))
@pytest.mark.parametrize("size", [LEAST_BYTES, LOOP_BYTES + 1])
async def test_a_client_reads_the_body_that_was_meant(encoding: str, size: int, kept: bool) -> None:
    body = (b'{"name":"Kn\xc3\xb6del"},' * size)[:size]

    used, sent = await compressed(body, encoding, kept=kept)

    assert used == encoding
    assert len(sent) < len(body)
    assert READ[encoding](sent) == body


async def test_small_and_incompressible_bodies_stay_as_they_are() -> None:
    small = b"a" * (LEAST_BYTES - 1)
    noise = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(64))

    assert await compressed(small, "gzip", kept=True) == (IDENTITY, small)
    assert await compressed(noise, "gzip", kept=True) == (IDENTITY, noise)


@pytest.mark.parametrize(("size", "on_loop"), [(LOOP_BYTES, True), (LOOP_BYTES + 1, False)])
async def test_large_bodies_leave_the_event_loop(monkeypatch: pytest.MonkeyPatch, size: int, on_loop: bool) -> None:
    threads = []

    def compress(body: bytes) -> bytes:
        threads.append(threading.current_thread())
        return b""

    monkeypatch.setattr(compression, "CODECS", {"gzip": Codec(compress, compress)})
    await compressed(b"a" * size, "gzip", kept=True)

    assert [thread is threading.current_thread() for thread in threads] == [on_loop]
