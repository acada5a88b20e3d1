"""Where a supplier may live: no address inside one's own network, unless its source says so.

Server-side request forgery, and names whose address changes between the check and the connection (OWASP, "Server-Side
Request Forgery Prevention"): a name is resolved once, every address that it has is checked, and the connection goes to
an address that was checked. Which addresses are reserved: RFC 6890 and IANA's registries, as ``ipaddress`` has them.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from sync.errors import DocumentRefused, SettingsError
from sync.settings import SourceSettings

RULE = "a supplier must have a public address, unless options.allow_private is true"
METADATA = frozenset({IPv4Address("168.63.129.16")})
"""Services for a cloud's own machines that live at public addresses; the others are link-local or private."""
WRAPPING = tuple(IPv6Network(network) for network in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48"))
"""IPv6 addresses whose last 32 bits are an IPv4 address that is reached (RFC 4291, 2.5.5.1; RFC 6052; RFC 8215)."""


def addresses_of(settings: SourceSettings) -> Callable[[str, int], Awaitable[Sequence[str]]] | None:
    """The check of a source's addresses; None when it may be asked at any. Raises ``SettingsError``."""
    allowed = settings.options.get("allow_private", False)
    if not isinstance(allowed, bool):
        raise SettingsError(f"sources.{settings.name}.options.allow_private", "must be true or false", allowed)
    return None if allowed else public_addresses


async def public_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses of ``host``. Raises ``DocumentRefused`` if any of them is not public, OSError for no such host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not is_public(ip_address(address)):
            raise DocumentRefused(RULE, address if address == host else f"{host} is {address}")
    return addresses


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody may connect to ``address``, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        if (inner := wrapped(address)) is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and address not in METADATA


def wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a connection to ``address`` would reach."""
    if any(address in network for network in WRAPPING):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
