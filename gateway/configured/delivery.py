"""Settings: what is kept of answers outside, and how they are sent."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator

from gateway.configured.kinds import PREFIX, Names
from gateway.delivery.compression import CODECS
from gateway.errors import ConfigError

YEAR_SECONDS = 366 * 86_400


class DeliverySettings(BaseModel):
    """HTTP caches, compression, purging."""

    compression: Names = tuple(CODECS)
    default_max_age: int = Field(default=0, ge=0, le=YEAR_SECONDS)
    stale_while_revalidate: int = Field(default=0, ge=0, le=YEAR_SECONDS)
    stale_if_error: int = Field(default=0, ge=0, le=YEAR_SECONDS)
    surrogate_max_age: int = Field(default=0, ge=0, le=YEAR_SECONDS)
    purge_url: str | None = None
    purge_token: str | None = Field(default=None, min_length=1, repr=False)
    purge_header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
    purge_field: str = Field(default="surrogate_keys", min_length=1)
    purge_batch: int = Field(default=256, ge=2, le=10_000)

    @field_validator("compression")
    @classmethod
    def _names_codecs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == ("off",):
            return ()
        if len(set(value)) < len(value) or not set(value) <= set(CODECS):
            raise ValueError(f"must be off or some of {', '.join(CODECS)}, each once")
        return value

    @field_validator("purge_url")
    @classmethod
    def _purge_address(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("must be a URL starting with http:// or https://")
        return value

    @model_validator(mode="after")
    def _purged_where_kept(self) -> Self:
        if self.surrogate_max_age and self.purge_url is None:
            raise ConfigError(
                f"{PREFIX}SURROGATE_MAX_AGE", f"needs {PREFIX}PURGE_URL: nobody would tell the CDN of changes"
            )
        if self.purge_token and self.purge_url is None:
            raise ConfigError(f"{PREFIX}PURGE_TOKEN", f"has no effect without {PREFIX}PURGE_URL")
        return self

    @property
    def purging(self) -> dict[str, Any] | None:
        """Who is told of changes, in the words of ``sync.purging.Purging``; None for nobody."""
        if self.purge_url is None:
            return None
        return {
            "url": self.purge_url,
            "token": self.purge_token,
            "header": self.purge_header,
            "keys_field": self.purge_field,
            "batch": self.purge_batch,
        }
