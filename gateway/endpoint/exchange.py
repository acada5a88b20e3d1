"""One HTTP request on its way through the endpoint: what is known of it so far, for logs, metrics and Server-Timing."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

WELL_FORMED = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}", re.ASCII)
_PROCESS = secrets.token_hex(6)
_NUMBERS = itertools.count()


@dataclass(slots=True, eq=False)
class Exchange:
    """A request and its answer.

    id: its correlation id. started: ``time.perf_counter()`` when it came. operation: name of the operation; None for
    an anonymous one. document: SHA-256 of the document's text. cache: what the response cache did, ``""`` where it was
    not asked: ``hit``, ``redis``, ``miss``, ``shared`` (waited for somebody else's miss), ``stale``, ``bypass``.
    executor: ``plan``, ``resolvers``, or ``""`` where nothing was executed. statements: data statements. codes: the
    ``extensions.code`` of every error. requests: of a batch that was answered, each of which is told of by itself; 0
    for any other. phases: seconds by name: parse, validate, plan, cache, db, encode.
    """

    method: str
    path: str
    id: str = field(default_factory=lambda: f"{_PROCESS}-{next(_NUMBERS):x}")
    started: float = field(default_factory=time.perf_counter)
    status: int = 0
    sent_bytes: int = 0
    operation: str | None = None
    document: str | None = None
    client: str | None = None
    client_version: str | None = None
    subject: str | None = None
    cache: str = ""
    executor: str = ""
    statements: int = 0
    estimated_cost: float | None = None
    actual_cost: float | None = None
    codes: tuple[str, ...] = ()
    requests: int = 0
    phases: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time of the block towards a phase."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - began

    @property
    def seconds(self) -> float:
        """Since it came."""
        return time.perf_counter() - self.started


def correlation_id(given: str) -> str | None:
    """The id that a client or a proxy has sent, None where it sent none that is well-formed."""
    return given if WELL_FORMED.fullmatch(given) else None
