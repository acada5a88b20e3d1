"""A proxy that writes down what a client and the gateway say to each other."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2

PASSED_ON = {"accept", "authorization", "content-type"}
PASSED_BACK = ("content-type", "cache-control")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. ``parameters``: of the body or the query string, JSON in them decoded."""

    method: str
    path: str
    parameters: dict[str, Any]
    status: int
    cache_control: str
    answer: dict[str, Any]

    def __str__(self) -> str:
        """What the request carried, ``id``, ``text`` or both, and what came: ``data`` or the code of an error."""
        carried = [word for word, there in (("id", self.names), ("text", "query" in self.parameters)) if there]
        return f"{self.method} {' + '.join(carried)} -> {self.status} {self.code or 'data'}"

    @property
    def names(self) -> bool:
        """Whether the request names a document."""
        in_extensions = "persistedQuery" in (self.parameters.get("extensions") or {})
        in_path = unquote(self.path) != "/graphql"
        return in_extensions or in_path or not {"documentId", "doc_id"}.isdisjoint(self.parameters)

    @property
    def code(self) -> str | None:
        """The code of the first error."""
        return next((error["extensions"]["code"] for error in self.answer.get("errors", [])), None)


class Proxy(ThreadingHTTPServer):
    """Passes everything on to a gateway; ``exchanges`` has what was asked for on ``/graphql``, in order."""

    def __init__(self, gateway_url: str) -> None:
        super().__init__(("127.0.0.1", 0), PassOn)
        self.gateway_url = gateway_url
        self.exchanges: list[Exchange] = []

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class PassOn(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        self.pass_on(b"")

    def do_POST(self) -> None:
        self.pass_on(self.rfile.read(int(self.headers["content-length"] or 0)))

    def pass_on(self, body: bytes) -> None:
        response = httpx2.request(
            self.command,
            self.server.gateway_url + self.path,
            content=body,
            headers={name: value for name, value in self.headers.items() if passes(name.lower())},
            timeout=30,
        )
        if self.path.startswith("/graphql"):
            self.server.exchanges.append(exchange(self.command, self.path, body, response))
        self.send_response(response.status_code)
        for name in PASSED_BACK:
            if name in response.headers:
                self.send_header(name, response.headers[name])
        self.send_header("content-length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server passes
        pass


def passes(name: str) -> bool:
    """Whether a header goes on to the gateway."""
    return name in PASSED_ON or name.endswith(("client-name", "client-version"))


def exchange(method: str, target: str, body: bytes, response: httpx2.Response) -> Exchange:
    split = urlsplit(target)
    parameters = json.loads(body) if body else decoded(split.query)
    cache_control = response.headers.get("cache-control", "")
    return Exchange(method, split.path, parameters, response.status_code, cache_control, response.json())


def decoded(query: str) -> dict[str, Any]:
    """The parameters of a query string."""
    parameters: dict[str, Any] = dict(parse_qsl(query))
    return {
        name: json.loads(value) if name in {"variables", "extensions"} else value for name, value in parameters.items()
    }


@contextmanager
def recorded(gateway_url: str) -> Iterator[Proxy]:
    """A proxy in front of a gateway, until the block ends."""
    proxy = Proxy(gateway_url)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
