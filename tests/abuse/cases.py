"""What somebody sends who means no good, or whose program is broken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

Headers = tuple[tuple[bytes, bytes], ...]
JSON: Headers = ((b"content-type", b"application/json"),)


@dataclass(frozen=True, slots=True)
class Bad:
    """One HTTP request that has something wrong about it, or asks for too much.

    heavy: it is dear to whoever has no limits, so it is sent only to a gateway that has them all.
    """

    group: str
    name: str
    method: str = "POST"
    target: bytes = b"/graphql"
    headers: Headers = JSON
    body: bytes = b""
    heavy: bool = False

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"

    def wire(self) -> bytes:
        """The request as HTTP/1.1."""
        lines = [f"{self.method} ".encode() + self.target + b" HTTP/1.1", b"host: larder", b"connection: close"]
        lines += [name + b": " + value for name, value in self.headers]
        if self.method not in {"GET", "HEAD"} or self.body:
            lines.append(b"content-length: " + str(len(self.body)).encode())
        return b"\r\n".join([*lines, b"", self.body])

    def scope(self) -> dict[str, Any]:
        """The request as ASGI has it."""
        path, _, query = self.target.partition(b"?")
        headers = [(name.lower(), value) for name, value in self.headers]
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": self.method,
            "path": path.decode(errors="replace"),
            "raw_path": path,
            "root_path": "",
            "query_string": query,
            "headers": [(b"host", b"larder"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
        }


def bodies(group: str, named: Mapping[str, bytes]) -> Iterable[Bad]:
    """POSTs of these bodies."""
    return (Bad(group, name, body=body) for name, body in named.items())


def texts(group: str, named: Mapping[str, str], *, heavy: bool = False) -> Iterable[Bad]:
    """POSTs of these documents."""
    return (Bad(group, name, body=request(text), heavy=heavy) for name, text in named.items())


def request(query: str, variables: object = None, **others: object) -> bytes:
    """The body that sends a document."""
    return json.dumps({"query": query, "variables": variables, **others}, ensure_ascii=False).encode()


def got(group: str, name: str, **parameters: str) -> Bad:
    """A GET."""
    return Bad(group, name, "GET", b"/graphql?" + urlencode(parameters).encode(), headers=())
