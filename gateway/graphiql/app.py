"""``/graphiql``: the page and its files. Nothing of it comes from another host."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from gateway.delivery.compression import Compression
from gateway.delivery.conditions import is_known
from gateway.endpoint.requests import Receive, Scope, header
from gateway.endpoint.responses import Send
from gateway.graphiql.assets import BROTLI, Asset, assets_in

PATH = "/graphiql"
PAGE_TYPE = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
IMMUTABLE = b"public, max-age=31536000, immutable"
REVALIDATED = b"no-cache"
METHODS = ("GET", "HEAD")

# Styles stand in elements because Monaco and GraphiQL write them there; scripts never do.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUARDING = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class GraphiQLApp:
    """Serves ``page`` at ``PATH``, the files below it. compression: what the gateway may send compressed."""

    def __init__(self, page: bytes, compression: Compression, assets: Mapping[str, Asset] | None = None) -> None:
        self.page = page
        self.page_tag = f'"{hashlib.sha256(page).hexdigest()[:22]}"'
        self.compression = compression
        self.assets = assets_in() if assets is None else assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Answer one HTTP request."""
        if scope["method"] not in METHODS:
            text = b"use GET or HEAD\n"
            await respond(send, scope, HTTPStatus.METHOD_NOT_ALLOWED, text, TEXT, ((b"allow", b"GET, HEAD"),))
            return
        name = scope["path"].removeprefix(PATH).removeprefix("/")
        if not name:
            await self.send_page(scope, send)
        elif name in self.assets:
            await self.send_asset(self.assets[name], scope, send)
        else:
            await respond(send, scope, HTTPStatus.NOT_FOUND, b"GraphiQL has no such file\n", TEXT)

    async def send_page(self, scope: Scope, send: Send) -> None:
        """The page, which browsers ask for again each time: it names the files of this version."""
        headers = ((b"etag", self.page_tag.encode()), (b"cache-control", REVALIDATED))
        if is_known(header(scope, b"if-none-match"), self.page_tag):
            await respond(send, scope, HTTPStatus.NOT_MODIFIED, b"", "", headers)
            return
        await respond(send, scope, HTTPStatus.OK, self.page, PAGE_TYPE, headers)

    async def send_asset(self, asset: Asset, scope: Scope, send: Send) -> None:
        """One file."""
        offered = BROTLI in self.compression.offered
        accepted = Compression((BROTLI,) if offered else ()).choice(header(scope, b"accept-encoding"))
        encoding = asset.encoding(accepted)
        tag = f'"{asset.name}{"-" if encoding else ""}{encoding}"'
        headers = [(b"cache-control", IMMUTABLE if asset.hashed else REVALIDATED)]
        if asset.hashed:
            headers.append((b"etag", tag.encode()))
        if asset.compressed:
            headers.append((b"vary", b"Accept-Encoding"))
        if asset.hashed and is_known(header(scope, b"if-none-match"), tag):
            await respond(send, scope, HTTPStatus.NOT_MODIFIED, b"", "", headers)
            return
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        body = await asyncio.to_thread(asset.read, encoding)
        await respond(send, scope, HTTPStatus.OK, body, asset.media_type, headers)


async def respond(
    send: Send,
    scope: Scope,
    status: HTTPStatus,
    body: bytes,
    media_type: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send one response; without its body to HEAD, and without what describes a body where there is none."""
    described = []
    if media_type:
        described = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
    told = [*described, *headers, *GUARDING]
    await send({"type": "http.response.start", "status": int(status), "headers": told})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
