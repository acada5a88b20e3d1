"""The HTTP client, and where it may connect to."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self
from urllib.parse import urlsplit

import httpx2

from sync.documents.redirects import DEFAULT_PORTS
from sync.documents.transport import Addresses

# At their lower levels both tell whole addresses and the headers of answers, in which suppliers put secrets.
for library in ("httpx2", "httpcore2"):
    logging.getLogger(library).setLevel(logging.WARNING)

OUR_HEADERS = {"User-Agent": "larder", "Accept-Encoding": "gzip"}


class Connecting:
    """Sends one request, follows nothing and takes no cookies.

    With ``addresses`` it connects to no other address than those it gives.

    The host's name stays in the Host header and in TLS, so an address that is checked once cannot change behind its
    name (DNS rebinding). Proxies that the environment names are used without ``addresses`` only.
    """

    def __init__(self, concurrency: int, addresses: Addresses | None) -> None:
        pool = httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        self._addresses = addresses
        self._client = httpx2.AsyncClient(
            headers=OUR_HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=pool,
            timeout=None,
            follow_redirects=False,
            trust_env=addresses is None,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._client.aclose()

    async def open(
        self, method: str, address: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx2.Response:
        """The head of an answer; its body is still to be read, and it to be closed. Raises ``httpx2.HTTPError``."""
        request = self._client.build_request(method, address, headers=headers, content=content)
        if self._addresses is None:
            return await self._client.send(request, stream=True)
        parts = urlsplit(address)
        host = parts.hostname or ""
        found = await self._addresses(host, parts.port or DEFAULT_PORTS[parts.scheme])
        *others, last = found
        for checked in others:
            try:
                return await self._client.send(self._to(request, host, checked), stream=True)
            except httpx2.ConnectError:
                continue
        return await self._client.send(self._to(request, host, last), stream=True)

    @staticmethod
    def _to(request: httpx2.Request, host: str, checked: str) -> httpx2.Request:
        """The same request over a connection to one checked address."""
        return httpx2.Request(
            request.method,
            request.url.copy_with(host=checked),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
