"""The log of slow operations."""

from __future__ import annotations

import structlog

from gateway.endpoint.exchange import Exchange

log = structlog.get_logger(__name__)


class SlowLog:
    """Warns of each request that took longer than ``threshold`` seconds, with where the time went. count: so many."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.count = 0

    def note(self, exchange: Exchange, seconds: float) -> None:
        """One request, ``seconds`` after it came."""
        if seconds <= self.threshold:
            return
        self.count += 1
        log.warning(
            "slow operation",
            request_id=exchange.id,
            operation=exchange.operation,
            document=exchange.document,
            client=exchange.client,
            cache=exchange.cache,
            executor=exchange.executor,
            statements=exchange.statements,
            milliseconds=round(seconds * 1000, 3),
            phases={name: round(spent * 1000, 3) for name, spent in exchange.phases.items()},
        )
