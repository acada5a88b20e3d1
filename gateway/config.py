"""Every setting of Larder: read once from the environment, checked, frozen. docs/configuration.md describes them."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.embedded.postgres import postgres_url
from gateway.errors import ConfigError
from persisted_queries.policies import Mode
from persisted_queries.protocols import PROTOCOLS

DEFAULT_SUPPLIER_URL = "http://127.0.0.1:8100"
PREFIX = "LARDER_"
SECRET = {
    "LARDER_DATABASE_URL",
    "LARDER_DATABASE_DIRECT_URL",
    "LARDER_REDIS_URL",
    "LARDER_SECRET_KEY",
    "LARDER_DEVELOPER_KEY",
    "LARDER_PUSH_TOKEN",
}

Names = Annotated[tuple[str, ...], NoDecode]


class Config(BaseSettings):
    """The settings. A field ``lanes`` is the environment's ``LARDER_LANES``; an empty variable counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", validate_default=True
    )

    data_dir: Path = Path(".larder")
    database_url: str = Field(default_factory=lambda known: postgres_url(known["data_dir"]), repr=False)
    database_direct_url: str | None = Field(default=None, repr=False)
    redis_url: str | None = Field(default=None, repr=False)

    sources: Path | None = None
    supplier_url: str | None = None
    targets: str = "catalog.targets.TARGETS"
    sync: bool = True
    guards: bool = True

    apps: Names = ()
    schema_path: str = Field(default="schema.root:schema", validation_alias=f"{PREFIX}SCHEMA")
    lanes: int = Field(default=8, ge=1, le=200)
    pooled: bool = False

    debug: bool = False

    plans: bool = True
    plan_lanes: int = Field(default=3, ge=1, le=200)
    plan_driver: Literal["pq", "psycopg"] = "pq"
    plan_batching: bool = True
    plan_shadow: float = Field(default=0.0, ge=0.0, le=1.0)
    plan_explain: bool = Field(default_factory=lambda known: known["debug"])

    registry: bool = True
    documents: Mode = Mode.OPEN
    document_protocols: Names = tuple(PROTOCOLS)
    document_capacity: int = Field(default=2000, ge=1)
    apq: bool = Field(default_factory=lambda known: not known["documents"].lists)
    client_required: bool = False
    developer_key: str | None = Field(default=None, min_length=16, repr=False)
    push_token: str | None = Field(default=None, min_length=16, repr=False)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535, validation_alias=AliasChoices(f"{PREFIX}PORT", "PORT"))
    allowed_hosts: Names = ("localhost", "127.0.0.1", "[::1]")
    secret_key: str | None = Field(default=None, min_length=16, repr=False)

    @field_validator("apps", "allowed_hosts", "document_protocols", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("database_url", "database_direct_url")
    @classmethod
    def _names_postgresql(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if urlsplit(value).scheme not in {"postgresql", "postgres"}:
            raise ValueError("must be a URL starting with postgresql://")
        try:
            conninfo_to_dict(value)
        except ProgrammingError as exc:
            raise ValueError(" ".join(str(exc).split())) from exc
        return value

    @field_validator("redis_url")
    @classmethod
    def _names_redis(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("must be a URL starting with redis://, rediss:// or unix://")
        return value

    @field_validator("supplier_url")
    @classmethod
    def _names_http(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("must be a URL starting with http:// or https://")
        return value

    @field_validator("schema_path")
    @classmethod
    def _names_an_object(cls, value: str) -> str:
        module, colon, name = value.partition(":")
        if not (colon and name.isidentifier() and all(part.isidentifier() for part in module.split("."))):
            raise ValueError("must be package.module:name")
        return value

    @field_validator("targets")
    @classmethod
    def _names_an_attribute(cls, value: str) -> str:
        parts = value.split(".")
        if len(parts) < 2 or not all(part.isidentifier() for part in parts):  # noqa: PLR2004 - a module and a name
            raise ValueError("must be package.module.NAME")
        return value

    @field_validator("data_dir", "sources")
    @classmethod
    def _absolute(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None:
            return None
        if info.field_name == "sources" and not value.is_file():
            raise ValueError(f"no such file: {value}")
        return value.expanduser().absolute()

    @field_validator("document_protocols")
    @classmethod
    def _names_protocols(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value) or not set(value) <= set(PROTOCOLS):
            raise ValueError(f"must be some of {', '.join(PROTOCOLS)}, each once")
        return value

    @model_validator(mode="after")
    def _documents_that_can_be_found(self) -> Self:
        if self.documents.lists and self.apq:
            raise ConfigError(f"{PREFIX}APQ", f"has to be off where {PREFIX}DOCUMENTS is {self.documents.value}")
        if self.documents.lists and not self.registry:
            raise ConfigError(f"{PREFIX}REGISTRY", f"has to be on where {PREFIX}DOCUMENTS is {self.documents.value}")
        return self

    @model_validator(mode="after")
    def _one_origin_of_sources(self) -> Self:
        if self.sources is not None and self.supplier_url is not None:
            raise ConfigError(f"{PREFIX}SUPPLIER_URL", f"has no effect beside {PREFIX}SOURCES: unset one of them")
        return self

    @property
    def embedded_database(self) -> bool:
        """Whether no address was given, so that the store is the embedded PostgreSQL under ``data_dir``."""
        return "database_url" not in self.model_fields_set


def setting_names(field: str) -> list[str]:
    """The environment variables that set a field of ``Config``, the documented one first."""
    alias = Config.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [str(alias) if alias else f"{PREFIX}{field.upper()}"]


@functools.cache
def config() -> Config:
    """The settings of this process."""
    return read_config()


def read_config() -> Config:
    """The settings in the environment. Raises ``ConfigError`` that names the first bad one and the reason."""
    try:
        return Config()
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        setting = given_name(str(first["loc"][0]))
        reason = first["msg"].removeprefix("Value error, ")
        shown = "" if setting in SECRET else f" (got {first['input']!r})"
        raise ConfigError(setting, f"{reason[:1].lower()}{reason[1:]}{shown}") from exc


def given_name(place: str) -> str:
    """The variable that was set, where pydantic says ``place``: a field, or its first alias."""
    for field in Config.model_fields:
        names = setting_names(field)
        if place in {field, *names}:
            return next((name for name in names if os.environ.get(name)), names[0])
    return place
