"""What a supplier's webhook delivers, and who reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.errors import SyncError


@dataclass(frozen=True, slots=True)
class Delivered:
    """One request to ``/webhooks/<source><path>``. ``headers`` have their names in lower case."""

    url: str
    """The address that the supplier was given, without ``path``; some suppliers sign it too."""
    path: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """One event of a delivery: ``stream`` has to be run; with ``carries`` the run reads the body."""

    event_id: str
    stream: str
    carries: bytes | None = None


class Forged(SyncError):
    """The delivery is not the supplier's: ``rule`` names what is wrong with it, never the secret."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class Outdated(Forged):
    """The delivery is signed, and too old, or dated too far ahead: somebody may have recorded it."""


class Unreadable(SyncError):
    """The delivery is the supplier's, and nobody can read it."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(f"{rule}: {value}")
        self.rule = rule
        self.value = str(value)


class Webhook(Protocol):
    """Reads one kind of supplier's deliveries."""

    acknowledged: int
    """The status that the supplier expects."""

    def notices(self, delivered: Delivered, secret: bytes) -> Sequence[Notice]:
        """The events of a delivery. Raises ``Forged`` (compare in constant time) and ``Unreadable``."""
        ...
