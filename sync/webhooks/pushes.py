"""What a supplier sent by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Push:
    """What the supplier sent by itself and no published run has read yet."""

    event_id: str
    body: bytes
    received_at: datetime
