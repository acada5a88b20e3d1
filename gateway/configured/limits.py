"""Settings: limits."""

from __future__ import annotations

from pydantic import BaseModel


class LimitSettings(BaseModel):
    """How much one request and one client may ask for."""
