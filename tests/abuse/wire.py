"""What is wrong with HTTP itself: cut, slow, piled up, or in contradiction with itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.abuse.cases import request

FINE = request("{ __typename }")
HEAD = b"POST /graphql HTTP/1.1\r\nhost: larder\r\ncontent-type: application/json\r\n"
CLOSE = b"connection: close\r\n"
WHOLE = HEAD + b"content-length: %d\r\n\r\n" % len(FINE) + FINE
LAST = HEAD + CLOSE + b"content-length: %d\r\n\r\n" % len(FINE) + FINE


@dataclass(frozen=True, slots=True)
class Script:
    """Bytes that are sent one after another. pause: seconds between them. statuses: those that may come, in order;
    None where the client does not wait for any."""

    name: str
    parts: tuple[bytes, ...]
    statuses: tuple[frozenset[int], ...] | None = None
    pause: float = 0.0

    def __str__(self) -> str:
        return self.name


REFUSED = frozenset({400, 408, 411, 413, 414, 431, 501, 505})
FINE_OR_REFUSED = REFUSED | {200}
OK = frozenset({200})


def cut() -> Iterator[Script]:
    for size in range(0, len(WHOLE), 7):
        yield Script(f"cut after {size} bytes", (WHOLE[:size],))
    yield Script("cut between chunks", (HEAD + b'transfer-encoding: chunked\r\n\r\n5\r\n{"que\r\n',))
    yield Script("cut in a long body", (HEAD + b"content-length: 90000\r\n\r\n" + b" " * 50_000,))


def mismatched() -> Iterator[Script]:
    for length in (b"-1", b"+5", b"0x10", b"1_0", b"abc", b"", b"9" * 30, b"1e3", b"5, 5", b" 5 5"):
        yield Script(
            f"content-length {length.decode()}",
            (HEAD + CLOSE + b"content-length: " + length + b"\r\n\r\n" + FINE,),
            (REFUSED,),
        )
    twice = b"content-length: 5\r\ncontent-length: 6\r\n\r\n"
    yield Script("content-length twice", (HEAD + CLOSE + twice + FINE,), (REFUSED,))
    both = b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    yield Script("content-length and chunks", (HEAD + CLOSE + both,), (REFUSED,))
    yield Script("content-length too short", (HEAD + CLOSE + b"content-length: 5\r\n\r\n" + FINE,), (REFUSED,))
    yield Script("neither length nor chunks", (HEAD + CLOSE + b"\r\n" + FINE,), (REFUSED,))


def chunked() -> Iterator[Script]:
    head = HEAD + CLOSE + b"transfer-encoding: chunked\r\n\r\n"
    whole = b"%x\r\n%s\r\n" % (len(FINE), FINE)
    single = b"".join(b"1\r\n%c\r\n" % byte for byte in FINE)
    yield Script("chunks of one byte", (head + single + b"0\r\n\r\n",), (OK,))
    yield Script("chunks one by one", (head, *(b"1\r\n%c\r\n" % byte for byte in FINE), b"0\r\n\r\n"), (OK,), 0.01)
    yield Script("extensions", (head + b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(FINE), FINE),), (OK,))
    yield Script("trailers", (head + whole + b"0\r\nx-a: b\r\n\r\n",), (OK,))
    for size in (b"-1", b"zz", b"0x5", b"", b"f" * 40, b"5 5"):
        yield Script(f"chunk of {size.decode()}", (head + size + b"\r\n" + FINE + b"\r\n0\r\n\r\n",), (REFUSED,))
    yield Script("chunk without its end", (head + b"%x\r\n%sxx0\r\n\r\n" % (len(FINE), FINE),), (REFUSED,))
    for coding in (b"gzip", b"chunked, gzip", b"identity", b"xchunked"):
        text = HEAD + CLOSE + b"transfer-encoding: " + coding + b"\r\n\r\n" + whole + b"0\r\n\r\n"
        yield Script(f"transfer-encoding {coding.decode()}", (text,), (REFUSED,))
    yield Script(
        "chunks above the limit",
        (head, *[b"2710\r\n" + b" " * 10_000 + b"\r\n"] * 150, b"0\r\n\r\n"),
        (frozenset({413}),),
    )


def piled_up() -> Iterator[Script]:
    for count in (2, 10, 100):
        yield Script(f"{count} at once", (WHOLE * (count - 1) + LAST,), (OK,) * count)
    bad = HEAD + b"content-length: 2\r\n\r\n{}"
    yield Script("good, bad, good", (WHOLE + bad + LAST,), (OK, frozenset({400}), OK))
    # What follows is parsed before the first is answered, and then nothing on the connection can be trusted.
    yield Script("good, then none", (WHOLE + b"\x00\x01\x02\r\n\r\n",), (REFUSED,))
    long = HEAD + b"content-length: 150000\r\n\r\n" + b" " * 150_000
    yield Script("too long, then good", (long + LAST,), (frozenset({413}), OK))
    refused = b"PUT /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % len(FINE) + FINE
    yield Script("refused with its body unread, then good", (refused + LAST,), (frozenset({405}), OK))


def no_http() -> Iterator[Script]:
    lines = [
        b"",
        b"\r\n\r\n",
        b"\0" * 100,
        b"GET\r\n\r\n",
        b"GET /graphql\r\n\r\n",
        b"GET /graphql HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02",
    ]
    lines += [
        b"GET http://[::bad HTTP/1.1\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET * HTTP/1.1\r\n\r\n",
    ]
    lines += [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"G\xc3\x89T / HTTP/1.1\r\n\r\n",
        b"GET /graphql HTTP/1.1\r\nbad header\r\n\r\n",
    ]
    lines += [
        b"GET /graphql HTTP/1.1\r\nx: a\r\n b\r\n\r\n",
        b"GET /graphql HTTP/1.1\r\nx\0: a\r\n\r\n",
        b"GET  /graphql  HTTP/1.1\r\n\r\n",
    ]
    lines += [
        b"POST /graphql HTTP/1.1\nhost: a\n\n",
        b"GET /graphql HTTP/1.1\r\nhost: a\r\nx: \0\r\n\r\n",
        b"quit\r\n" * 100,
    ]
    for line in lines:
        yield Script(f"no HTTP: {line[:40]!r}", (line,))
    yield Script("a header without an end", (b"GET / HTTP/1.1\r\nx: ", *[b"a" * 60_000] * 20))
    yield Script("headers without an end", (b"GET / HTTP/1.1\r\n", *[b"x: a\r\n" * 10_000] * 20))
    yield Script("a target without an end", (b"GET /", *[b"a" * 60_000] * 20))
    yield Script("a method without an end", (b"G" * 60_000,))


def slow() -> Iterator[Script]:
    """Each takes far longer than a gateway waits by ``SLOW``'s settings; it answers 408, or just closes."""
    patient = frozenset({408})
    yield Script("a header byte by byte", tuple(WHOLE[n : n + 1] for n in range(60)), (patient,), 0.25)
    yield Script("a header that stops", (WHOLE[:20],), (patient,))
    yield Script("a body byte by byte", (HEAD + b"content-length: 60\r\n\r\n", *[b" "] * 59), (patient,), 0.25)
    yield Script("a body that stops", (WHOLE[:-5],), (patient,))
    yield Script("a body that never starts", (HEAD + b"content-length: 60\r\n\r\n",), (patient,))
    yield Script(
        "a continuation that never comes", (HEAD + b"expect: 100-continue\r\ncontent-length: 60\r\n\r\n",), (patient,)
    )


SLOW = {"LARDER_HEADER_TIMEOUT": "2", "LARDER_BODY_TIMEOUT": "2"}


def all_scripts() -> Iterator[Script]:
    """Every case of this module but the slow ones."""
    for group in (cut, mismatched, chunked, piled_up, no_http):
        yield from group()
