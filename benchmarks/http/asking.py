"""The requests that are sent, as every contestant gets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
import orjson

PATH = "/graphql"
JSON = {"content-type": "application/json", "accept": "application/json"}
ACCEPT = {"accept": "application/json"}
CONNECTION_HEADERS = {"date", "transfer-encoding", "connection"}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. target: path and query string. body: empty for a GET."""

    method: str
    target: str
    body: bytes = b""

    @property
    def headers(self) -> dict[str, str]:
        """Those beside Host and Content-Length. None of them asks for a compressed answer."""
        return JSON if self.method == "POST" else ACCEPT

    def line(self) -> bytes:
        """What a script of ``wrk`` reads: method, target and body, separated by tabs."""
        return b"\t".join((self.method.encode(), self.target.encode(), self.body))


def by_post(text: str, variables: Mapping[str, Any]) -> Request:
    """A document in a body."""
    return Request("POST", PATH, orjson.dumps({"query": text, "variables": variables}))


def by_get(text: str, variables: Mapping[str, Any]) -> Request:
    """A document in the query string."""
    parameters = {"query": text, "variables": orjson.dumps(variables).decode()}
    return Request("GET", f"{PATH}?{urlencode(parameters)}")


BY = {"POST": by_post, "GET": by_get}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. headers: those of the application, in their order."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Refused(Exception):
    """A contestant did not answer 200."""


def ask(url: str, requests: Iterable[Request]) -> list[Reply]:
    """The replies to requests, one after another. Raises ``Refused``."""
    replies = []
    with httpx2.Client(timeout=30, headers={"accept-encoding": "identity"}) as client:
        for request in requests:
            found = client.request(
                request.method, f"{url}{request.target}", content=request.body or None, headers=request.headers
            )
            if found.status_code != httpx2.codes.OK:
                raise Refused(f"{request.method} {url}: {found.status_code} {found.text[:200]}")
            headers = [(name, value) for name, value in found.headers.items() if name not in CONNECTION_HEADERS]
            replies.append(Reply(found.status_code, tuple(headers), found.content))
    return replies
