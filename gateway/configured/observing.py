"""Settings: logs, metrics, traces."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator

ACCESS = {"on": 1.0, "off": 0.0, "errors": 0.0}


def log_format() -> Literal["json", "console"]:
    """For people on a terminal, for machines elsewhere."""
    return "console" if sys.stdout.isatty() else "json"


class ObservingSettings(BaseModel):
    """What is seen of the gateway from outside."""

    log_format: Literal["json", "console"] = Field(default_factory=log_format)
    access_log: str = "on"
    slow_seconds: float = Field(default=1.0, ge=0.0, allow_inf_nan=False)
    server_timing: bool = Field(default_factory=lambda known: known["debug"])
    metrics: Literal["off", "loopback", "scope", "on"] = "loopback"
    metrics_dir: Path | None = None
    metric_operations: int = Field(default=200, ge=1, le=10_000)
    metric_clients: int = Field(default=50, ge=1, le=10_000)
    sentry_dsn: str | None = Field(default=None, repr=False)

    @property
    def access_share(self) -> float:
        """Share of the requests without errors that are logged; those with errors are, but with ``off``."""
        return ACCESS[self.access_log] if self.access_log in ACCESS else float(self.access_log)

    @field_validator("access_log")
    @classmethod
    def _names_a_share(cls, value: str) -> str:
        try:
            valid = value in ACCESS or 0.0 <= float(value) <= 1.0
        except ValueError:
            valid = False
        if not valid:
            raise ValueError("must be on, off, errors or a share from 0 to 1")
        return value

    @field_validator("metrics_dir")
    @classmethod
    def _absolute_folder(cls, value: Path | None) -> Path | None:
        return value if value is None else value.expanduser().absolute()

    @field_validator("sentry_dsn")
    @classmethod
    def _names_a_project(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.username or not parts.path.strip("/"):
                raise ValueError("must be https://KEY@HOST/PROJECT")
        return value
