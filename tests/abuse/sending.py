"""Bytes on a socket, and the answers that come back: no client that would mend what it is given."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from tests.abuse.judging import Answer

PATIENCE_SECONDS = 30.0


async def answer_to(url: str, sent: bytes) -> Answer:
    """The answer to one request that asks for the connection to be closed. Raises ``OSError``, ``TimeoutError``."""
    answers = await answers_to(url, sent)
    if not answers:
        raise ConnectionError("closed without an answer")
    return answers[-1]


async def answers_to(url: str, *parts: bytes, pause: float = 0.0, patience: float = PATIENCE_SECONDS) -> list[Answer]:
    """Every answer until the gateway closes. parts: what is sent, with pauses between them."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        async with asyncio.timeout(patience):
            received = asyncio.create_task(everything(reader))
            for part in parts:
                try:
                    writer.write(part)
                    await writer.drain()
                except ConnectionError:
                    break
                await asyncio.sleep(pause)
            return answers_in(await received)
    finally:
        writer.close()


async def everything(reader: asyncio.StreamReader) -> bytes:
    """What comes until the end, however that comes."""
    parts = []
    try:
        while part := await reader.read(65_536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def answers_in(data: bytes) -> list[Answer]:
    """HTTP/1.1 answers, one behind the other."""
    found = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = len(data)
        if "content-length" in headers:
            size = int(headers["content-length"])
        elif headers.get("transfer-encoding") == "chunked":
            data, size = unchunked(data)
        status = int(first.split()[1])
        found.append(Answer(status, headers, data[:size] if status != 204 else b""))
        data = data[size:] if status not in {100, 204} else data
    return [answer for answer in found if answer.status != 100]


def unchunked(data: bytes) -> tuple[bytes, int]:
    """A body without the sizes of its chunks, what follows it behind, and how long it is."""
    body = b""
    while data:
        line, _, data = data.partition(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        body += data[:size]
        data = data[size + 2 :]
        if size == 0:
            break
    return body + data, len(body)
