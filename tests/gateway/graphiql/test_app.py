"""``/graphiql`` over HTTP: the page, its files, what caches and browsers are told."""

from __future__ import annotations

import re
from typing import Any

import brotli  # type: ignore[import-untyped]
import httpx2
import pytest

from gateway.delivery.compression import Compression
from gateway.graphiql.app import GraphiQLApp
from gateway.graphiql.assets import STATIC, assets_in
from gateway.graphiql.example import Example
from gateway.graphiql.page import page_of

EXAMPLES = (Example("Evil", "", "query Evil { a } # </script><script>alert(1)</script>"),)
PAGE = page_of("/graphql", EXAMPLES)
SCRIPT = next(name for name in assets_in() if re.match(r"assets/index-.*\.js", name))
FONT = next(name for name in assets_in() if name.endswith(".woff2"))


def client(*encodings: str) -> httpx2.AsyncClient:
    app: Any = GraphiQLApp(PAGE, Compression(encodings or ("zstd", "br", "gzip")))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://larder")


async def sent_to(method: str, path: str) -> list[Any]:
    """What the application sends, past what a client makes of the path and of the answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody reads the body of a request without one")

    await GraphiQLApp(PAGE, Compression(("br",)))(
        {"type": "http", "method": method, "path": path, "headers": []}, receive, send
    )
    return sent


async def test_the_page_is_asked_for_each_time_and_told_what_may_run_in_it() -> None:
    async with client() as asked:
        response = await asked.get("/graphiql")
        again = await asked.get("/graphiql", headers={"if-none-match": response.headers["etag"]})

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"unsafe-eval|script-src[^;]*unsafe|https?:|\*", policy)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == response.headers["etag"]


async def test_an_example_cannot_leave_the_element_that_it_stands_in() -> None:
    async with client() as asked:
        page = (await asked.get("/graphiql")).text

    assert "alert" in page
    assert "</script><script>alert" not in page


async def test_everything_that_the_page_names_is_on_this_host() -> None:
    async with client() as asked:
        page = (await asked.get("/graphiql")).text
        named = re.findall(r'(?:src|href)="([^"]*)"', page)
        statuses = {path: (await asked.get(path)).status_code for path in named}

    assert len(named) >= 3
    assert all(path.startswith("/graphiql/assets/") for path in named)
    assert set(statuses.values()) == {200}


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, br", "br"), ("", None), ("gzip", None), ("br;q=0", None), ("*", "br")]
)
async def test_a_file_is_kept_for_ever_and_sent_as_it_is_stored_or_inflated(
    accepted: str, encoding: str | None
) -> None:
    stored = (STATIC / f"{SCRIPT}.br").read_bytes()

    async with (
        client() as asked,
        asked.stream("GET", f"/graphiql/{SCRIPT}", headers={"accept-encoding": accepted}) as response,
    ):
        sent = b"".join([part async for part in response.aiter_raw()])

    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["content-length"] == str(len(sent))
    assert sent == (stored if encoding else brotli.decompress(stored))


async def test_where_the_proxy_compresses_nothing_is_sent_compressed() -> None:
    async with client("gzip") as asked:
        response = await asked.get(f"/graphiql/{SCRIPT}", headers={"accept-encoding": "br"})

    assert "content-encoding" not in response.headers


async def test_a_file_that_the_client_has_is_not_sent_again() -> None:
    async with client() as asked:
        compressed = await asked.get(f"/graphiql/{SCRIPT}", headers={"accept-encoding": "br"})
        plain = await asked.get(f"/graphiql/{SCRIPT}", headers={"accept-encoding": "identity"})
        tag = compressed.headers["etag"]
        again = await asked.get(f"/graphiql/{SCRIPT}", headers={"accept-encoding": "br", "if-none-match": tag})
        other = await asked.get(f"/graphiql/{SCRIPT}", headers={"accept-encoding": "identity", "if-none-match": tag})

    assert plain.headers["etag"] != tag
    assert (again.status_code, again.content) == (304, b"")
    assert "content-length" not in again.headers
    assert other.status_code == 200


async def test_what_does_not_shrink_is_stored_as_it_is() -> None:
    async with client() as asked:
        response = await asked.get(f"/graphiql/{FONT}")

    assert response.headers["content-type"] == "font/woff2"
    assert "vary" not in response.headers
    assert response.content == (STATIC / FONT).read_bytes()


@pytest.mark.parametrize("path", ["/graphiql", f"/graphiql/{SCRIPT}", "/graphiql/nothing"])
async def test_head_is_get_without_a_body(path: str) -> None:
    got, headed = await sent_to("GET", path), await sent_to("HEAD", path)

    assert headed[0] == got[0]
    assert (b"content-length", b"%d" % len(got[1]["body"])) in got[0]["headers"]
    assert headed[1]["body"] == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_another_method_is_not_allowed(method: str) -> None:
    async with client() as asked:
        response = await asked.request(method, "/graphiql")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path",
    [
        "/graphiql/assets",
        "/graphiql/assets/",
        "/graphiql/assets/nothing.js",
        f"/graphiql/{SCRIPT}.br",
        "/graphiql/index.html",
        "/graphiql/../asgi.py",
        "/graphiql/assets/../../app.py",
        "/graphiql/assets/%2e%2e/%2e%2e/app.py",
        "/graphiql//etc/passwd",
        "/graphiql/assets/index.js\0",
    ],
)
async def test_nothing_else_is_there(path: str) -> None:
    sent = await sent_to("GET", path)

    assert sent[0]["status"] == 404
    assert sent[1]["body"] == b"GraphiQL has no such file\n"


async def test_the_licences_of_what_is_bundled_come_with_it() -> None:
    async with client() as asked:
        response = await asked.get("/graphiql/LICENCES.txt")

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    for package in ("graphiql", "@graphiql/plugin-explorer", "monaco-editor", "react-dom", "graphql"):
        assert f"\n{package} " in f"\n{response.text}"
