"""Settings: identity."""

from __future__ import annotations

from pydantic import BaseModel


class IdentitySettings(BaseModel):
    """Who asks, and how that is found out."""
