"""Settings: suppliers and sync."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator

from gateway.configured.kinds import PREFIX
from gateway.configured.serving import serves_shipped
from gateway.errors import ConfigError

SHIPPED_TARGETS = "catalog.targets.TARGETS"


def shipped_targets(known: Mapping[str, Any]) -> str | None:
    """The targets of the application that comes with Larder, where that is served."""
    return SHIPPED_TARGETS if serves_shipped(known["schema_path"], known["apps"]) else None


class SupplierSettings(BaseModel):
    """What is pulled from whom, and how it becomes rows."""

    sources: Path | None = None
    supplier_url: str | None = None
    targets: str | None = Field(default_factory=shipped_targets)
    sync: bool = True
    guards: bool = True
    keep_runs_days: int = Field(default=30, ge=1, le=3_650)
    keep_answers_days: int = Field(default=7, ge=1, le=3_650)
    keep_history_days: int = Field(default=730, ge=1, le=36_500)
    worker_concurrency: int = Field(default=8, ge=1, le=500)
    worker_source_share: int = Field(default=2, ge=1, le=500)
    webhook_max_bytes: int = Field(default=262_144, ge=1_024, le=64 * 2**20)
    webhook_backlog: int = Field(default=2_000, ge=1, le=1_000_000)

    @field_validator("sources")
    @classmethod
    def _a_file(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        if not value.is_file():
            raise ValueError(f"no such file: {value}")
        return value.expanduser().absolute()

    @field_validator("supplier_url")
    @classmethod
    def _names_http(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("must be a URL starting with http:// or https://")
        return value

    @field_validator("targets")
    @classmethod
    def _names_an_attribute(cls, value: str | None) -> str | None:
        parts = [] if value is None else value.split(".")
        if value is not None and (len(parts) < 2 or not all(part.isidentifier() for part in parts)):  # noqa: PLR2004 - a module and a name
            raise ValueError("must be package.module.NAME")
        return value

    @model_validator(mode="after")
    def _one_origin_of_sources(self) -> Self:
        if self.sources is not None and self.supplier_url is not None:
            raise ConfigError(f"{PREFIX}SUPPLIER_URL", f"has no effect beside {PREFIX}SOURCES: unset one of them")
        return self
