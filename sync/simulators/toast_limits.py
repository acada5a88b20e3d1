"""The simulated rate limits of Toast: fixed windows, answered with 429 and Retry-After."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from sync.simulators.http import Answer, json_answer


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` requests whose path ends with ``path`` in any ``seconds`` that begin with a request."""

    path: str
    most: int
    seconds: float
    each: bool = False
    """True: counted by restaurant."""


@dataclass(slots=True)
class Window:
    """``count`` requests since ``began``."""

    began: float = -math.inf
    count: int = 0


@dataclass(slots=True)
class RateLimits:
    """Counts requests. ``clock`` tells seconds."""

    limits: Sequence[Limit]
    clock: Callable[[], float] = time.monotonic
    windows: dict[tuple[Limit, str], Window] = field(default_factory=dict)

    def refusal(self, path: str, restaurant: str) -> Answer | None:
        """Count a request. The answer to one too many, None for any other."""
        at = self.clock()
        for limit in self.limits:
            if not path.endswith(limit.path):
                continue
            window = self.windows.setdefault((limit, restaurant if limit.each else ""), Window())
            if at >= window.began + limit.seconds:
                window.began, window.count = at, 0
            window.count += 1
            if window.count > limit.most:
                wait = max(1, math.ceil(window.began + limit.seconds - at))
                error = {"status": int(HTTPStatus.TOO_MANY_REQUESTS), "message": "Too many requests"}
                return json_answer(HTTPStatus.TOO_MANY_REQUESTS, error, **{"Retry-After": str(wait)})
        return None
