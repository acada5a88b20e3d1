"""Settings: GraphQL over HTTP."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, field_validator, model_validator

from gateway.configured.kinds import PREFIX, Access, Names
from gateway.endpoint.cors import ANY, ORIGIN
from gateway.errors import ConfigError


class EndpointSettings(BaseModel):
    """The protocol: who may ask from where, and what is told."""

    max_body_bytes: int = Field(default=100_000, ge=1_000, le=100_000_000)
    max_query_bytes: int = Field(default=32_768, ge=1_000, le=1_000_000)
    request_compression: bool = False
    batching: int = Field(default=0, ge=0, le=100)
    draft_statuses: bool = False
    freshness_extension: Access = "on"
    cors_origins: Names = ()
    cors_credentials: bool = False

    @field_validator("cors_origins")
    @classmethod
    def _names_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != ANY and not ORIGIN.fullmatch(origin):
                raise ValueError(f"must be origins like https://shop.example, or *, not {origin!r}")
        if ANY in value and len(value) > 1:
            raise ValueError("* admits every origin: leave out the others")
        return value

    @model_validator(mode="after")
    def _credentials_for_named_origins(self) -> Self:
        if self.cors_credentials and (not self.cors_origins or ANY in self.cors_origins):
            raise ConfigError(f"{PREFIX}CORS_CREDENTIALS", f"needs {PREFIX}CORS_ORIGINS to name the origins, without *")
        return self
