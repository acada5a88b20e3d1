"""Answers that are kept."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from gateway.endpoint.exchange import Exchange
from gateway.endpoint.responses import Answer
from loaders.stamps import Stamp

OVERHEAD_BYTES = 2_000
"""About what an entry weighs beside its body: its key, its stamp, its headers."""

Key = Hashable


@dataclass(frozen=True, slots=True)
class Work:
    """What makes an answer. run: executes the operation, and notes in the exchange how. weight: bytes that it holds."""

    run: Callable[[Exchange], Awaitable[Answer]]
    weight: int = 0


@dataclass(slots=True, eq=False)
class Entry:
    """The bytes of one answer, and until when they are right.

    work: makes the same answer again. until: the store's clock, in seconds since 1970, when a value in it changes
    by the clock alone. made: ``time.monotonic()`` when it was at hand. hits: how often it was served, halved at each
    renewal. unused: whether nobody has asked since it was made. generation: of the watch, when it was last compared
    with the heads. outdated: ``time.monotonic()`` when a newer head was first seen. sending: what is prepared for
    sending it, by whoever sends.
    """

    key: Key
    body: bytes
    stamp: Stamp
    work: Work
    epoch: int
    until: float = field(init=False)
    made: float = field(default_factory=time.monotonic)
    hits: int = 0
    unused: bool = True
    generation: int = -1
    outdated: float | None = None
    weight: int = field(init=False)
    sending: Any = None

    def __post_init__(self) -> None:
        changes_at = self.stamp.changes_at
        self.until = math.inf if changes_at is None else changes_at.timestamp()
        self.weight = len(self.body) + self.work.weight + OVERHEAD_BYTES
