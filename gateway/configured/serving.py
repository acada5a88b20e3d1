"""Settings: the application that is served, and the server."""

from __future__ import annotations

from pydantic import AliasChoices, BaseModel, Field, field_validator

from gateway.configured.kinds import PREFIX, Names

SHIPPED_APP = "catalog"
SHIPPED_SCHEMA = "schema.root:schema"


class ServingSettings(BaseModel):
    """The schema, its Django apps, and how it is served."""

    apps: Names = ()
    schema_path: str = Field(default=SHIPPED_SCHEMA, validation_alias=f"{PREFIX}SCHEMA")
    lanes: int = Field(default=8, ge=1, le=200)
    pooled: bool = False
    django_connections: int = Field(default=4, ge=1, le=100)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535, validation_alias=AliasChoices(f"{PREFIX}PORT", "PORT"))
    allowed_hosts: Names = ("localhost", "127.0.0.1", "[::1]")
    secret_key: str | None = Field(default=None, min_length=16, repr=False)
    debug: bool = False

    workers: int = Field(default=1, ge=1, le=256)
    connections: int = Field(default=2000, ge=1, le=100_000)
    header_timeout: float = Field(default=10.0, ge=0.1, le=300.0)
    body_timeout: float = Field(default=10.0, ge=0.1, le=300.0)
    idle_timeout: int = Field(default=75, ge=1, le=3600)
    drain_seconds: float = Field(default=0.0, ge=0.0, le=300.0)
    grace_seconds: int = Field(default=8, ge=1, le=300)
    gc: bool = True

    @property
    def ships(self) -> bool:
        """Whether the application that comes with Larder is installed: its schema is served, or its app is named."""
        return serves_shipped(self.schema_path, self.apps)

    @property
    def installed_apps(self) -> tuple[str, ...]:
        """The Django apps of the application that is served; the one that comes with Larder too where it ``ships``."""
        return tuple(dict.fromkeys((SHIPPED_APP, *self.apps))) if self.ships else self.apps

    @field_validator("schema_path")
    @classmethod
    def _names_an_object(cls, value: str) -> str:
        module, colon, name = value.partition(":")
        if not (colon and name.isidentifier() and all(part.isidentifier() for part in module.split("."))):
            raise ValueError("must be package.module:name")
        return value


def serves_shipped(schema_path: str, apps: tuple[str, ...]) -> bool:
    """Whether these settings need the application that comes with Larder."""
    return schema_path == SHIPPED_SCHEMA or SHIPPED_APP in apps
