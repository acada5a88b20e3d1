"""Settings: logs, metrics, traces."""

from __future__ import annotations

from pydantic import BaseModel


class ObservingSettings(BaseModel):
    """What is seen of the gateway from outside."""
