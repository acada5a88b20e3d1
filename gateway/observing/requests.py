"""Requests counted: how many, how long, how large, by what they asked for and how they were answered."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from gateway.endpoint.exchange import Exchange
from gateway.observing.names import OTHER, Names

STEPS = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
"""Ten to the decade, after Renard (ISO 3): a percentile that is read from them is off by a step at most."""

BUCKETS = (*(round(step * 10.0**decade, 9) for decade in range(-4, 1) for step in STEPS), 10.0)
"""Upper bounds in seconds, from 100 µs to 10 s; what takes longer is in a last bucket without a bound."""

ANONYMOUS = "anonymous"
UNNAMED = "unnamed"
KEYS = 5000
CODES = 100


class Key(NamedTuple):
    """What requests are counted by. operation, client: bounded labels."""

    operation: str
    client: str
    cache: str
    executor: str
    status: int


EVERYTHING_ELSE = Key(OTHER, OTHER, "", "", 0)


class Total:
    """Requests of one key. buckets: how many were within each bound of ``BUCKETS`` and above the one before."""

    __slots__ = ("buckets", "seconds", "sent_bytes", "statements")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.sent_bytes = 0
        self.statements = 0
        self.buckets = [0] * (len(BUCKETS) + 1)


class Requests:
    """Totals since the start of this process. operations, clients: distinct names that are told apart, each.

    Names of operations that ran claim a place; what was refused before has none of its own.
    """

    def __init__(self, operations: int, clients: int) -> None:
        self.totals: dict[Key, Total] = {}
        self.codes: Counter[str] = Counter()
        self._operations = Names(operations)
        self._clients = Names(clients)
        self._codes = Names(CODES)

    def note(self, exchange: Exchange, seconds: float) -> None:
        """One request, ``seconds`` after it came."""
        ran = bool(exchange.executor or exchange.cache)
        name, client = exchange.operation, exchange.client
        key = Key(
            ANONYMOUS if name is None else self._operations.label(name, claims=ran),
            UNNAMED if client is None else self._clients.label(client, claims=ran),
            exchange.cache,
            exchange.executor,
            exchange.status,
        )
        total = self.totals.get(key)
        if total is None:
            if len(self.totals) >= KEYS:
                key = EVERYTHING_ELSE
            total = self.totals.setdefault(key, Total())
        total.seconds += seconds
        total.sent_bytes += exchange.sent_bytes
        total.statements += exchange.statements
        total.buckets[bisect_left(BUCKETS, seconds)] += 1
        self.tell(exchange.codes)

    def tell(self, codes: Iterable[str]) -> None:
        """Errors that somebody was told, by their code."""
        for code in codes:
            self.codes[self._codes.label(code)] += 1
