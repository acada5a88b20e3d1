"""Pages of other origins: which may read answers (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Pair = tuple[bytes, bytes]
Pairs = tuple[Pair, ...]

ANY = "*"
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
"""An origin as browsers serialise it: no user, no path, in lower case."""

METHODS = b"GET, POST"
EXPOSED = b"age, etag, ratelimit, ratelimit-policy, retry-after, server-timing, x-request-id"
"""Headers of an answer that a page's script may read beside those that it always may."""

PREFLIGHT_SECONDS = 7200
"""How long a browser may remember a preflight: the longest that Chromium honours."""

NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+( *, *[A-Za-z0-9!#$%&'*+.^_`|~-]+)*")
LONGEST_NAMES = 2000
VARY = (b"vary", b"Origin")
VARY_OF_PREFLIGHT = (b"vary", b"Access-Control-Request-Headers")


class Cors:
    """Headers that let pages of ``origins`` read answers; ``*`` lets all of them. None given: no page of any other.

    credentials: whether browsers may send the user's cookies along; not together with ``*``.
    """

    def __init__(self, origins: tuple[str, ...] = (), *, credentials: bool = False) -> None:
        self._any = ANY in origins
        self._others: Pairs = () if self._any or not origins else (VARY,)
        self._listed: dict[bytes, Pairs] = {}
        if self._any:
            self._others = allowing(b"*", credentials=False)
        else:
            self._listed = {
                origin.encode(): (VARY, *allowing(origin.encode(), credentials=credentials)) for origin in origins
            }

    def headers(self, headers: Mapping[bytes, bytes]) -> Pairs:
        """What is to be added to the answer to a request with these headers, also to a refusal."""
        if not self._listed:
            return self._others
        return self._listed.get(headers.get(b"origin", b""), self._others)

    def added_to(self, answer: Iterable[tuple[bytes, bytes]], headers: Mapping[bytes, bytes]) -> list[Pair]:
        """An answer's headers and those that are to be added to them, with one ``Vary``. headers: of the request."""
        told, added = [*answer], self.headers(headers)
        if added and added[0] is VARY:
            for at, (name, value) in enumerate(told):
                if name == b"vary":
                    told[at] = (b"vary", value + b", " + VARY[1])
                    told += added[1:]
                    return told
        told += added
        return told

    def preflight(self, headers: Mapping[bytes, bytes]) -> Pairs:
        """What answers OPTIONS beside ``Allow`` and what every answer has: nothing for a page that may not."""
        if len(self.headers(headers)) <= 1 or b"access-control-request-method" not in headers:
            return ()
        told = [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-max-age", str(PREFLIGHT_SECONDS).encode()),
            VARY_OF_PREFLIGHT,
        ]
        names = headers.get(b"access-control-request-headers", b"")
        if len(names) <= LONGEST_NAMES and NAMES.fullmatch(names):
            told.append((b"access-control-allow-headers", names))
        return tuple(told)


def allowing(origin: bytes, *, credentials: bool) -> Pairs:
    """Headers that let an origin read an answer, its timing included (https://w3c.github.io/resource-timing/)."""
    pairs: Pairs = (
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", EXPOSED),
        (b"timing-allow-origin", origin),
    )
    return (*pairs, (b"access-control-allow-credentials", b"true")) if credentials else pairs
