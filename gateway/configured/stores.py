"""Settings: where data is."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, Field, field_validator

from gateway.embedded.postgres import postgres_url


class StoreSettings(BaseModel):
    """PostgreSQL, Redis, and the folder of what is embedded."""

    data_dir: Path = Path(".larder")
    database_url: str = Field(default_factory=lambda known: postgres_url(known["data_dir"]), repr=False)
    database_direct_url: str | None = Field(default=None, repr=False)
    redis_url: str | None = Field(default=None, repr=False)

    @property
    def embedded_database(self) -> bool:
        """Whether no address was given, so that the store is the embedded PostgreSQL under ``data_dir``."""
        return "database_url" not in self.model_fields_set

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

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
