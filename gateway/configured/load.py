"""Settings: load."""

from __future__ import annotations

import ipaddress

from limits import parse_many
from pydantic import BaseModel, Field, field_validator

from gateway.configured.kinds import Names


class LoadSettings(BaseModel):
    """How long an answer may take, how many are worked on at once, and how many one client may ask for."""

    request_timeout: float = Field(default=15.0, ge=0.1, le=300.0)
    admission: bool = True
    concurrency: int = Field(default=200, ge=4, le=10_000)
    rate_limits: str | None = None
    trusted_proxies: Names = ()

    @property
    def statement_timeout_ms(self) -> int:
        """The longest that PostgreSQL works on one statement: nobody waits for it any longer."""
        return int(self.request_timeout * 1000)

    @field_validator("rate_limits")
    @classmethod
    def _can_be_parsed(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                limits = parse_many(value)
            except ValueError as exc:
                raise ValueError("must be limits such as 100/second;5000/minute") from exc
            if any(limit.amount < 1 or limit.get_expiry() < 1 for limit in limits):
                raise ValueError("must be limits of at least 1 request in at least 1 second")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            try:
                ipaddress.ip_network(name)
            except ValueError as exc:
                raise ValueError(f"must be addresses or networks such as 10.0.0.0/8, not {name}") from exc
        return value
