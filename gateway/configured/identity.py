"""Settings: identity."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator

from gateway.configured.kinds import PREFIX, Names
from gateway.errors import ConfigError

AUTHENTICATORS = ("api-key", "jwt", "session")
JWT_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class IdentitySettings(BaseModel):
    """Who asks, and how that is found out."""

    authenticators: Names = AUTHENTICATORS
    anonymous: bool = True
    facets: str | None = None
    viewer_seconds: int = Field(default=60, ge=1, le=86_400)
    session_seconds: int = Field(default=10, ge=1, le=3600)

    jwks_url: str | None = None
    jwks_seconds: int = Field(default=300, ge=1, le=86_400)
    jwks_kept_seconds: int = Field(default=86_400, ge=1)
    jwt_keys: Path | None = None
    jwt_issuer: str | None = None
    jwt_audience: Names = ()
    jwt_algorithms: Names = JWT_ALGORITHMS
    jwt_leeway_seconds: int = Field(default=30, ge=0, le=300)
    jwt_facets: Names = ()

    @field_validator("authenticators")
    @classmethod
    def _names_authenticators(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == ("none",):
            return ()
        known = [name for name in value if name in AUTHENTICATORS or names_an_object(name)]
        if len(known) < len(value) or len(set(value)) < len(value):
            raise ValueError(f"must be none, or some of {', '.join(AUTHENTICATORS)} and package.module:name, each once")
        return value

    @field_validator("facets")
    @classmethod
    def _names_a_function(cls, value: str | None) -> str | None:
        if value is not None and not names_an_object(value):
            raise ValueError("must be package.module:function")
        return value

    @field_validator("jwks_url")
    @classmethod
    def _keys_over_http(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("must be a URL starting with https:// or http://")
        return value

    @field_validator("jwt_keys")
    @classmethod
    def _keys_in_a_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"no such file: {value}")
        return value

    @field_validator("jwt_algorithms")
    @classmethod
    def _asymmetric(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not set(value) <= set(JWT_ALGORITHMS):
            raise ValueError(f"must be some of {', '.join(JWT_ALGORITHMS)}")
        return value

    @field_validator("jwt_facets")
    @classmethod
    def _pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(facet.strip() and claim.strip() for facet, _, claim in (pair.partition("=") for pair in value)):
            raise ValueError("must be facet=claim, separated by commas")
        return value

    @model_validator(mode="after")
    def _tokens_that_can_be_verified(self) -> Self:
        if self.jwks_url is not None and self.jwt_keys is not None:
            raise ConfigError(f"{PREFIX}JWT_KEYS", f"has no effect beside {PREFIX}JWKS_URL: unset one of them")
        if self.jwks_url is None and self.jwt_keys is None:
            return self
        if self.jwt_issuer is None:
            raise ConfigError(f"{PREFIX}JWT_ISSUER", "is needed to verify tokens: what their claim iss has to be")
        if not self.jwt_audience:
            raise ConfigError(f"{PREFIX}JWT_AUDIENCE", "is needed to verify tokens: what their claim aud has to name")
        return self

    @model_validator(mode="after")
    def _somebody_may_ask(self) -> Self:
        if not self.authenticators and not self.anonymous:
            raise ConfigError(f"{PREFIX}ANONYMOUS", f"has to be on where {PREFIX}AUTHENTICATORS is none")
        return self


def names_an_object(value: str) -> bool:
    """Whether a text has the form ``package.module:name``."""
    module, colon, name = value.partition(":")
    return bool(colon) and name.isidentifier() and all(part.isidentifier() for part in module.split("."))
