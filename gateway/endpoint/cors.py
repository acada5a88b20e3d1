"""Pages of other origins: which may read answers (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

import re
from collections.abc import Mapping

Pairs = tuple[tuple[bytes, bytes], ...]

ANY = "*"
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
"""An origin as browsers serialise it: no user, no path, in lower case."""

METHODS = b"GET, POST"
EXPOSED = b"age, cache-status, etag, ratelimit, ratelimit-policy, retry-after, server-timing, x-request-id"
"""Headers of an answer that a page's script may read beside those that it always may."""

PREFLIGHT_SECONDS = 7200
"""How long a browser may remember a preflight: the longest that Chromium honours."""

NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+( *, *[A-Za-z0-9!#$%&'*+.^_`|~-]+)*")
LONGEST_NAMES = 2000
VARY = (b"vary", b"Origin")
VARY_OF_PREFLIGHT = (b"vary", b"Origin, Access-Control-Request-Headers")


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

    def preflight(self, headers: Mapping[bytes, bytes]) -> Pairs:
        """What answers OPTIONS beside ``Allow``: nothing that allows, for a page that may not."""
        allowed = self.headers(headers)
        if len(allowed) <= 1 or b"access-control-request-method" not in headers:
            return allowed
        told = [pair for pair in allowed if pair[0] not in {b"vary", b"access-control-expose-headers"}]
        told += [
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
