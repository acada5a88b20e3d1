"""What a simulated restaurant has published, and what is in stock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sync.simulators.toast_menus import Menus

ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(slots=True)
class Restaurant:
    """One restaurant: its menus as they are edited, as they were published last, and as they are served."""

    menus: Menus
    updated_at: datetime
    current: bytes = b""
    served: bytes = b""
    lagging: int = 0
    stock: dict[str, dict[str, Any]] = field(default_factory=dict)

    def publish(self, at: datetime, lagging: int) -> None:
        """Publish what was edited; ``lagging`` answers still have the publication before."""
        self.updated_at = max(at, self.updated_at + timedelta(milliseconds=1))
        self.current = ENCODER.encode({**self.metadata(), **self.menus.published()})
        self.lagging = lagging if self.served else 0
        self.served = self.served or self.current

    def metadata(self) -> dict[str, Any]:
        return {"restaurantGuid": self.menus.guid, "lastUpdated": written(self.updated_at)}

    def answer(self) -> bytes:
        """The menus that are served now."""
        if self.lagging:
            self.lagging -= 1
        else:
            self.served = self.current
        return self.served


def written(at: datetime) -> str:
    """An instant as Toast writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+0000"
