"""Where a redirect may lead: to the same scheme, host and port, and nowhere twice (RFC 9110, section 15.4)."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from sync.documents.answers import STATUS_RULE
from sync.errors import DocumentRefused

REDIRECTS = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
KEEPING_METHOD = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}
DEFAULT_PORTS = {"http": 80, "https": 443}


class Route:
    """The addresses that one request has led to, the first one asked for."""

    def __init__(self, address: str, method: str, most: int) -> None:
        self.addresses = [address]
        self._method = method
        self._most = most

    @property
    def address(self) -> str:
        """Where to ask next."""
        return self.addresses[-1]

    def follow(self, status: int, location: str | None) -> bool:
        """Whether an answer leads on; ``address`` is then the next. Raises ``DocumentRefused`` when it may not."""
        if status in GONE and len(self.addresses) > 1:
            raise DocumentRefused(STATUS_RULE, f"{status} after a redirect to {path(self.address)}")
        if status not in REDIRECTS or not location:
            return False
        target = absolute(self.address, location)
        if origin(target) != origin(self.address):
            raise DocumentRefused(f"a redirect must stay at {origin(self.address)}", origin(target))
        if self._method != "GET" and status not in KEEPING_METHOD:
            raise DocumentRefused(f"a {self._method} may be redirected by 307 or 308 only", status)
        if target in self.addresses:
            raise DocumentRefused(
                "redirects must not loop", " to ".join(path(one) for one in [*self.addresses, target])
            )
        if len(self.addresses) > self._most:
            raise DocumentRefused(f"a document must be reached by {self._most} redirects at most", "more")
        self.addresses.append(target)
        return True


def absolute(address: str, location: str) -> str:
    """Where ``location`` leads to from ``address``, without a fragment."""
    try:
        return urljoin(address, location).partition("#")[0]
    except ValueError:
        return location


def origin(address: str) -> str:
    """Scheme, host and port, without user and password."""
    try:
        parts = urlsplit(address)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{parts.hostname}:{port}"


def path(address: str) -> str:
    """An address without what stands before its path, and without its query, which may hold anything."""
    return urlsplit(address).path[:200] or "/"
