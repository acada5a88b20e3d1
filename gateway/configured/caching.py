"""Settings: the response cache."""

from __future__ import annotations

from pydantic import BaseModel


class CacheSettings(BaseModel):
    """What is kept of answers, where and how long."""
