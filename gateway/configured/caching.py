"""Settings: the response cache."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CacheSettings(BaseModel):
    """What is kept of answers, where and how long."""

    response_cache: bool = True
    response_cache_bytes: int = Field(default=67_108_864, ge=0)
    response_cache_redis: bool = True
    fast_hits: bool = True
    hot_refresh: int = Field(default=64, ge=0)
