"""What was true when: the states that a writer has left behind, and which of them an answer may show."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

BOUND_SECONDS = 0.1
"""How old an answer may be: what was committed so long before its request was sent has to be in it."""

CLOCK_SECONDS = 0.005
"""An answer to a request that was sent so long after an instant knows that it has passed."""

STEP_SECONDS = 2e-6


class State(Protocol):
    """What one transaction left of a subject."""

    def boundaries(self) -> Sequence[float]:
        """Instants, in seconds since 1970, at which the clock alone changes what is shown of it."""


Shown = Callable[[Any, float], Any]
"""What a question shows of a state at an instant (seconds since 1970)."""


@dataclass(slots=True)
class History:
    """The states of one subject, which has one writer: transaction after transaction.

    said: before each one's COMMIT was sent. committed: after it had returned. Both ``time.monotonic()``.
    """

    states: list[State]
    said: list[float] = field(default_factory=lambda: [float("-inf")])
    committed: list[float] = field(default_factory=lambda: [float("-inf")])

    @property
    def now(self) -> Any:
        """The last state."""
        return self.states[-1]

    def say(self, state: State) -> None:
        """About to commit."""
        self.said.append(time.monotonic())
        self.states.append(state)

    def done(self) -> None:
        """Committed."""
        self.committed.append(time.monotonic())

    def take_back(self) -> None:
        """Not committed after all."""
        self.said.pop()
        self.states.pop()

    def least(self, moment: float) -> int:
        """The place of the newest state that was committed by then."""
        return bisect_right(self.committed, moment) - 1

    def most(self, moment: float) -> int:
        """The place of the newest state that may have been committed by then."""
        return bisect_right(self.said, moment) - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """When a request was sent and when its answer was there; each by the monotonic clock and by the store's."""

    sent: float
    received: float
    sent_at: float
    received_at: float


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer that was not true. kind: ``older``, ``passed`` (a boundary), ``torn``. late: seconds, if known."""

    kind: str
    late: float
    question: str
    subject: str
    part: Any


class Judge:
    """Says what is wrong with answers. bound: how old one may be, in seconds; ``inf`` for any age that ever was."""

    def __init__(self, bound_seconds: float = BOUND_SECONDS) -> None:
        self.bound_seconds = bound_seconds

    def wrong(self, history: History, shown: Shown, part: Any, asked: Asked) -> tuple[str, float] | None:
        """Kind and lateness of what is wrong with a part of an answer, None where it is true."""
        least = max(history.least(asked.sent - self.bound_seconds), 0)
        most = history.most(asked.received)
        since = asked.sent_at - CLOCK_SECONDS
        for place in range(most, least - 1, -1):
            if shows(history.states[place], shown, part, since, asked.received_at):
                return None
        for place in range(least - 1, -1, -1):
            if shows(history.states[place], shown, part, since, asked.received_at):
                return "older", asked.sent - history.committed[place + 1]
        for place in range(most, -1, -1):
            state = history.states[place]
            for boundary in sorted(state.boundaries(), reverse=True):
                if boundary <= asked.received_at and shown(state, boundary - STEP_SECONDS) == part:
                    return "passed", asked.sent_at - boundary
        return "torn", 0.0


def shows(state: State, shown: Shown, part: Any, since: float, until: float) -> bool:
    """Whether a part of an answer shows a state at any instant between two."""
    if shown(state, until) == part or shown(state, since) == part:
        return True
    between = [boundary for boundary in state.boundaries() if since < boundary < until]
    return any(shown(state, at) == part for b in between for at in (b - STEP_SECONDS, b, b + STEP_SECONDS))
