"""Settings: plans."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from gateway.configured.kinds import Access
from gateway.scopes.access import OFF, ON


class PlanSettings(BaseModel):
    """How operations are compiled and run."""

    plans: bool = True
    plan_lanes: int = Field(default=3, ge=1, le=200)
    plan_driver: Literal["pq", "psycopg"] = "pq"
    plan_batching: bool = True
    plan_shadow: float = Field(default=0.0, ge=0.0, le=1.0)
    plan_explain: Access = Field(default_factory=lambda known: ON if known["debug"] else OFF)
