"""``Server-Timing``: where a request's time went (https://www.w3.org/TR/server-timing/)."""

from __future__ import annotations

from gateway.endpoint.exchange import Exchange

PHASES = ("parse", "validate", "plan", "cache", "db", "encode")


def server_timing(exchange: Exchange) -> bytes:
    """The header's value: milliseconds of each phase that took place, of all, and what the response cache did.

    Phases that are told elsewhere under other names follow those of ``PHASES``.
    """
    spent = exchange.phases
    total = f"total;dur={exchange.seconds * 1000:.3f}"
    if exchange.cache and "cache" not in spent:
        total = f"cache;desc={exchange.cache}, {total}"
    if not spent:
        return total.encode()
    told = []
    for name in [*(name for name in PHASES if name in spent), *(name for name in spent if name not in PHASES)]:
        outcome = f";desc={exchange.cache}" if name == "cache" and exchange.cache else ""
        told.append(f"{name}{outcome};dur={spent[name] * 1000:.3f}")
    return ", ".join([*told, total]).encode()
