"""Which client a request counts for."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from gateway.endpoint.requests import Scope

IPV6_SITE = 64
"""One customer has at least so many bits of an IPv6 network to themselves (RFC 6177)."""


def rate_key(subject: str | None, scope: Scope) -> str:
    """The subject if it is known, else the address; the server has put the one behind trusted proxies into the scope.

    Whatever has no address (a Unix socket without a trusted proxy's header) counts as one client.
    """
    if subject is not None:
        return f"subject {subject}"
    client = scope.get("client")
    return f"address {network_of(client[0])}" if client else "address unknown"


@lru_cache(4096)
def network_of(address: str) -> str:
    """An IPv4 address itself, also one that is mapped into IPv6; of an IPv6 address the /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), IPV6_SITE), strict=False))
    return str(parsed)
