"""What a simulated supplier sends by itself: a webhook's delivery over HTTP/1.1 (RFC 9112)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

SECONDS = 10
NOBODY = 0


async def deliver(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """POST ``body`` and return the status of the answer; 0 when none comes within 10 s."""
    try:
        async with asyncio.timeout(SECONDS):
            return await post(url, body, headers)
    except (OSError, TimeoutError, ValueError):
        return NOBODY


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status. Raises OSError when nobody listens, ValueError when the answer is no HTTP."""
    address = urlsplit(url)
    secure = address.scheme == "https"
    reader, writer = await asyncio.open_connection(
        address.hostname, address.port or (443 if secure else 80), ssl=ssl.create_default_context() if secure else None
    )
    try:
        target = address._replace(scheme="", netloc="").geturl() or "/"
        sent = {"Host": address.netloc, "Content-Type": "application/json", **headers}
        sent |= {"Content-Length": str(len(body)), "Connection": "close"}
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        writer.write("\r\n".join(lines).encode("latin-1") + body)
        await writer.drain()
        _, status, *_ = (await reader.readline()).split()
        await reader.read()
        return int(status)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
