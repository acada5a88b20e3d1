"""Addresses that a page names: where the list goes on, as long as that is the source's own place.

Link headers: RFC 8288. A next address must lie below the source's own: credentials go to nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from sync.errors import DocumentRefused
from sync.sources.http_json.values import shown

LINK = re.compile(r"<([^<>]*)>\s*((?:;\s*[^;,=\s]+\s*(?:=\s*(?:\"[^\"]*\"|[^\";,\s]*))?\s*)*)")
RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\";,\s]+))", re.IGNORECASE)
PORTS = {"http": 80, "https": 443}


def next_link(headers: Mapping[str, str]) -> str | None:
    """The address that a Link header gives the relation ``next`` (RFC 8288, section 3)."""
    for address, parameters in LINK.findall(headers.get("link", "")):
        relations = [quoted or bare for quoted, bare in RELATION.findall(parameters)]
        if relations and "next" in relations[0].lower().split():
            return str(address)
    return None


def path_below(url: str, current: str, address: str) -> str:
    """The part of ``address`` after ``url``. Raises ``DocumentRefused`` when it leads elsewhere.

    ``current``: the path of the page that names it, which it may be relative to.
    """
    rule = "the next address must lie below the source's url"
    try:
        own, found = urlsplit(url), urlsplit(urljoin(f"{url}/{current}", address))
        same = origin(own.scheme, own.hostname, own.port) == origin(found.scheme, found.hostname, found.port)
    except ValueError as exc:
        raise DocumentRefused(rule, shown(address)) from exc
    base = own.path.rstrip("/") + "/"
    below = (found.path or "/").startswith(base) and not any(part in {".", ".."} for part in found.path.split("/"))
    if not same or not below or "@" in found.netloc or "\\" in address or "%2e" in found.path.lower():
        raise DocumentRefused(rule, shown(address))
    return found.path.removeprefix(base) + (f"?{found.query}" if found.query else "")


def origin(scheme: str, host: str | None, port: int | None) -> tuple[str, str, int | None]:
    return scheme, (host or "").lower(), port or PORTS.get(scheme)
