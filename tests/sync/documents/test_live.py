"""What a supplier may answer, and what is made of it, over real HTTP."""

from __future__ import annotations

import asyncio
import gzip
import time
from typing import Any

import pytest

from sync.documents import Document, Documents, Limits, Wanted
from sync.errors import DocumentRefused
from tests.sync.answering import Answering, Reply

PATIENT = {"request_seconds": 5, "attempts": 2}


async def get(server: Answering, wanted: Wanted | str, **limits: Any) -> Document:
    async with Documents(server.url, Limits(**{**PATIENT, **limits})) as documents:
        return await documents.get(Wanted(wanted) if isinstance(wanted, str) else wanted)


async def refusal(server: Answering, wanted: Wanted | str, **limits: Any) -> str:
    with pytest.raises(DocumentRefused) as caught:
        await get(server, wanted, **limits)
    return str(caught.value)


async def test_a_request_says_what_is_had_and_who_asks(server: Answering) -> None:
    server.replies["/menu?page=2"] = Reply(
        304, headers={"ETag": '"b"', "Last-Modified": "Wed, 08 Oct 2025 10:00:00 GMT"}
    )
    wanted = Wanted("menu?page=2", etag='"a"', modified="Tue, 07 Oct 2025 10:00:00 GMT", headers={"X-Shop": "7"})

    document = await get(server, wanted)

    [asked] = server.asked
    told = {name: asked.headers[name] for name in ("if-none-match", "if-modified-since", "x-shop", "user-agent")}
    assert told == {
        "if-none-match": '"a"',
        "if-modified-since": "Tue, 07 Oct 2025 10:00:00 GMT",
        "x-shop": "7",
        "user-agent": "larder",
    }
    assert (document.unchanged, document.body, document.etag) == (True, None, '"b"')
    assert document.modified == "Wed, 08 Oct 2025 10:00:00 GMT"


async def test_a_search_is_posted_as_json(server: Answering) -> None:
    server.replies["/search"] = Reply()

    await get(server, Wanted("search", method="POST", content=b'{"begin_time":null}'))

    [asked] = server.asked
    assert (asked.method, asked.body) == ("POST", b'{"begin_time":null}')
    assert asked.headers["content-type"] == "application/json"


async def test_a_path_may_be_a_query_alone(server: Answering) -> None:
    server.replies["/?page=2"] = Reply()

    document = await get(server, "?page=2")

    assert document.body == b"[]"


async def test_only_headers_that_a_recording_keeps_are_told(server: Answering) -> None:
    server.replies["/menu"] = Reply(headers={"ETag": '"a"', "X-Total": "7", "Set-Cookie": "session=1", "Link": "<x>"})

    document = await get(server, Wanted("menu", reads=("X-Total",)))

    assert {name: value for name, value in document.headers.items() if name != "date"} == {
        "etag": '"a"',
        "x-total": "7",
        "link": "<x>",
    }


@pytest.mark.parametrize("path", ["http://elsewhere.example/menu", "//elsewhere.example/menu", "/menu"])
async def test_a_path_leads_nowhere_else(server: Answering, path: str) -> None:
    assert await refusal(server, path) == f"a path must be relative to the source's address: {path}"
    assert server.asked == []


async def test_a_304_that_nobody_asked_for_is_refused(server: Answering) -> None:
    server.replies["/menu"] = Reply(304)

    assert await refusal(server, "menu") == "the status must be 200, 304 or 404: 304, which nobody asked for"


async def test_a_pull_ends_at_its_number_of_documents(server: Answering) -> None:
    server.replies["/menu"] = Reply()

    async with Documents(server.url, Limits(documents=2)) as documents:
        outcomes = [outcome async for _, outcome in documents.many([Wanted("menu")] * 3)]

    assert len(server.asked) == 2
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, DocumentRefused)]
    assert str(refused) == "a pull must ask for at most 2 documents: menu"


# Redirects


async def test_a_redirect_on_the_same_host_is_followed(server: Answering) -> None:
    server.replies["/v1/menu"] = Reply(301, headers={"Location": "/v2/menu?x=1#top"})
    server.replies["/v2/menu?x=1"] = Reply(307, headers={"Location": "final"})
    server.replies["/v2/final"] = Reply(chunks=(b"[1]",))

    document = await get(server, "v1/menu")

    assert document.body == b"[1]"
    assert server.targets == ["/v1/menu", "/v2/menu?x=1", "/v2/final"]


REDIRECTS = {
    "another host": (
        "GET",
        {"/a": (302, "http://elsewhere.example/a")},
        "a redirect must stay at {origin}: http://elsewhere.example:80",
    ),
    "another port": ("GET", {"/a": (302, "//127.0.0.1:1/a")}, "a redirect must stay at {origin}: http://127.0.0.1:1"),
    "another scheme": ("GET", {"/a": (302, "https://{host}/a")}, "a redirect must stay at {origin}: https://{host}"),
    "a file": ("GET", {"/a": (302, "file:///etc/passwd")}, "a redirect must stay at {origin}: file://None:None"),
    "user and password": (
        "GET",
        {"/a": (302, "http://user:pass@elsewhere.example/")},
        "a redirect must stay at {origin}: http://elsewhere.example:80",
    ),
    "no address": (
        "GET",
        {"/a": (302, "http://[/")},
        "a redirect must stay at {origin}: an address that cannot be read",
    ),
    "itself": ("GET", {"/a": (302, "/a")}, "redirects must not loop: /a to /a"),
    "a loop": ("GET", {"/a": (302, "/b"), "/b": (302, "/a")}, "redirects must not loop: /a to /b to /a"),
    "too many": (
        "GET",
        {"/a": (302, "/b"), "/b": (302, "/c"), "/c": (302, "/d")},
        "a document must be reached by 2 redirects at most: more",
    ),
    "nothing": ("GET", {"/a": (302, "/gone")}, "the status must be 200, 304 or 404: 404 after a redirect to /gone"),
    "nowhere": ("GET", {"/a": (302, "")}, "the status must be 200, 304 or 404: 302"),
    "a POST as a GET": ("POST", {"/a": (302, "/b")}, "a POST may be redirected by 307 or 308 only: 302"),
}


@pytest.mark.parametrize("case", REDIRECTS)
async def test_a_redirect_leads_nowhere_else(server: Answering, case: str) -> None:
    method, redirects, message = REDIRECTS[case]
    host = server.url.removeprefix("http://")
    for path, (status, location) in redirects.items():
        server.replies[path] = Reply(status, headers={"Location": location.format(host=host)})

    told = await refusal(server, Wanted("a", method=method), redirects=2)

    assert told == message.format(origin=server.url, host=host)


async def test_a_post_is_redirected_with_its_body(server: Answering) -> None:
    server.replies["/a"] = Reply(308, headers={"Location": "/b"})
    server.replies["/b"] = Reply()

    await get(server, Wanted("a", method="POST", content=b"{}"))

    assert [(asked.method, asked.target, asked.body) for asked in server.asked] == [
        ("POST", "/a", b"{}"),
        ("POST", "/b", b"{}"),
    ]


# Bodies


async def test_a_compressed_body_is_read_in_however_many_parts(server: Answering) -> None:
    parts = gzip.compress(b"[1,") + gzip.compress(b"2]")
    chunks = tuple(parts[at : at + 1] for at in range(len(parts)))
    server.replies["/menu"] = Reply(chunks=chunks, headers={"Content-Encoding": "gzip"})

    document = await get(server, "menu")

    assert document.body == b"[1,2]"
    assert server.asked[0].headers["accept-encoding"] == "gzip"


PAGE = b"\n <!DOCTYPE html><title>Back soon</title>"
GZIPPED = gzip.compress(b"[1, 2, 3]" * 1_000)
NOT_WHOLE = "the answer must be whole: "
BODIES: dict[str, tuple[bytes, dict[str, str], str, int]] = {
    "html": (PAGE, {}, "a document must be JSON: it is an HTML page: 'Back soon'", 1),
    "html by its type": (
        b"soon",
        {"Content-Type": "text/html; charset=utf-8"},
        "a document must be JSON: it is an HTML page: 'soon'",
        1,
    ),
    "utf-16": ("[]".encode("utf-16"), {}, "a document must be UTF-8: it starts with the mark of UTF-16", 1),
    "utf-16 without a mark": (
        '["ä"]'.encode("utf-16-le"),
        {"Content-Type": "application/json; charset=utf-8"},
        "a document must be UTF-8: invalid continuation byte at byte 4, called utf-8",
        1,
    ),
    "utf-32": ("[]".encode("utf-32"), {}, "a document must be UTF-8: it starts with the mark of UTF-32", 1),
    "latin-1": (
        '["Käse"]'.encode("latin-1"),
        {"Content-Type": "application/json; charset=ISO-8859-1"},
        "a document must be UTF-8: invalid continuation byte at byte 3, called iso-8859-1",
        1,
    ),
    "too large": (b"[" + b" " * 10_000 + b"]", {}, "a document must have at most 10000 bytes: more", 1),
    "a gzip bomb": (
        gzip.compress(b" " * 50_000_000),
        {"Content-Encoding": "gzip"},
        "a document must have at most 10000 bytes: more",
        1,
    ),
    "half of a gzip": (
        GZIPPED[: len(GZIPPED) // 2],
        {"Content-Encoding": "gzip"},
        f"{NOT_WHOLE}gzip that ends too early",
        2,
    ),
    "no gzip": (b"[]", {"Content-Encoding": "gzip"}, f"{NOT_WHOLE}gzip that cannot be read: ", 2),
    "brotli": (b"[]", {"Content-Encoding": "br"}, "a document must be sent as it is or in gzip: 'br'", 1),
    "short": (b"[]", {"Content-Length": "9"}, f"{NOT_WHOLE}RemoteProtocolError", 2),
}


@pytest.mark.parametrize("case", BODIES)
async def test_a_body_that_nobody_can_read_is_named(server: Answering, case: str) -> None:
    body, headers, message, asked = BODIES[case]
    server.replies["/menu"] = Reply(chunks=(body,), headers=headers)

    told = await refusal(server, "menu", body_bytes=10_000)

    assert told.startswith(message)
    assert len(server.asked) == asked


@pytest.mark.parametrize("content_type", ["application/json; charset=ISO-8859-1", "text/plain", ""])
async def test_utf8_is_taken_whatever_it_is_called_and_without_its_mark(server: Answering, content_type: str) -> None:
    body = b"\xef\xbb\xbf" + '["Käse"]'.encode()
    server.replies["/menu"] = Reply(chunks=(body,), headers={"Content-Type": content_type} if content_type else {})

    document = await get(server, "menu")

    assert document.body == '["Käse"]'.encode()


async def test_a_body_that_drips_has_one_deadline(server: Answering) -> None:
    server.replies["/menu"] = Reply(chunks=(b" ",) * 100, pause_seconds=0.1)
    began = time.monotonic()

    told = await refusal(server, "menu", request_seconds=0.5)

    assert told == "the answer must come in time: none within 0.5 s"
    assert time.monotonic() - began < 3


# Retries


async def test_a_body_that_breaks_off_is_asked_for_again(server: Answering) -> None:
    server.replies["/menu"] = [Reply(chunks=(b"[1,",), breaks=True), Reply(chunks=(b"[1,2]",))]

    document = await get(server, "menu")

    assert document.body == b"[1,2]"


@pytest.mark.parametrize("status", [429, 503])
async def test_a_short_retry_after_is_waited_for(server: Answering, status: int) -> None:
    server.replies["/menu"] = [Reply(status, headers={"Retry-After": "1"}), Reply()]

    document = await get(server, "menu")

    assert document.body == b"[]"
    first, second = server.asked
    assert 0.9 <= second.at - first.at < 3


async def test_a_long_retry_after_is_told_and_not_waited_for(server: Answering) -> None:
    server.replies["/menu"] = Reply(429, headers={"Retry-After": "300"})
    server.replies["/stock"] = Reply()
    began = time.monotonic()

    async with Documents(server.url, Limits()) as documents:
        with pytest.raises(DocumentRefused) as first:
            await documents.get(Wanted("menu"))
        with pytest.raises(DocumentRefused) as second:
            await documents.get(Wanted("stock"))

    assert time.monotonic() - began < 3
    assert first.match(r"^the status must be 200, 304 or 404: 429, it is asked again from \d{4}-.* UTC on$")
    assert second.match(r"^the supplier must not be asked yet: it is left alone until \d{4}-.* UTC$")
    assert server.targets == ["/menu"]


async def test_a_supplier_that_fails_is_not_asked_much_more_often(server: Answering) -> None:
    paths = [f"week/{number}" for number in range(60)]
    server.replies.update({f"/{path}": Reply(500) for path in paths})
    limits = Limits(attempts=3, failures=1_000, retry_share=0.2)

    async with Documents(server.url, limits) as documents:
        outcomes = [str(outcome) async for _, outcome in documents.many(Wanted(path) for path in paths)]

    assert outcomes == ["the status must be 200, 304 or 404: 500"] * 60
    assert 60 < len(server.asked) <= 60 * 1.2 + 10


async def test_a_supplier_that_fails_in_a_row_is_left_alone(server: Answering) -> None:
    paths = [f"week/{number}" for number in range(60)]
    server.replies.update({f"/{path}": Reply(500) for path in paths})

    async with Documents(server.url, Limits(concurrency=2, failures=5)) as documents:
        outcomes = [str(outcome) async for _, outcome in documents.many(Wanted(path) for path in paths)]

    assert len(server.asked) <= 6
    assert len(outcomes) == 60
    left_alone = [told for told in outcomes if told.startswith("the supplier must not be asked yet: ")]
    assert len(left_alone) >= 55
    assert all(told.endswith("after 5 failures in a row") for told in left_alone)


async def test_a_rate_spreads_requests(server: Answering) -> None:
    limits = Limits.read("limits", {"rates": [{"path": "menus/*", "per_second": 10, "burst": 2}]})
    server.replies["/menus/1"] = Reply()
    began = time.monotonic()

    async with Documents(server.url, limits) as documents:
        await asyncio.gather(*(documents.get(Wanted("menus/1")) for _ in range(7)))

    assert len(server.asked) == 7
    assert server.asked[-1].at - began >= 0.5


async def test_a_turn_that_comes_after_the_pull_is_not_waited_for(server: Answering) -> None:
    limits = Limits.read("limits", {"total_seconds": 2, "rates": [{"per_second": 0.01}]})
    server.replies["/menu"] = Reply()
    began = time.monotonic()

    async with Documents(server.url, limits) as documents:
        await documents.get(Wanted("menu"))
        with pytest.raises(
            DocumentRefused, match=r"a request must have its turn before the pull ends: the next is in 9\d"
        ):
            await documents.get(Wanted("menu"))

    assert time.monotonic() - began < 2
