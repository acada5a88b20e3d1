"""Every setting of Larder: read once from the environment, checked, frozen. docs/configuration.md describes them."""

from __future__ import annotations

import functools
import os

from pydantic import AliasChoices, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.configured.caching import CacheSettings
from gateway.configured.delivery import DeliverySettings
from gateway.configured.documents import DocumentSettings
from gateway.configured.endpoint import EndpointSettings
from gateway.configured.graphiql import GraphiQLSettings
from gateway.configured.identity import IdentitySettings
from gateway.configured.introspection import IntrospectionSettings
from gateway.configured.kinds import PREFIX
from gateway.configured.limits import LimitSettings
from gateway.configured.load import LoadSettings
from gateway.configured.observing import ObservingSettings
from gateway.configured.plans import PlanSettings
from gateway.configured.serving import ServingSettings
from gateway.configured.stores import StoreSettings
from gateway.configured.suppliers import SupplierSettings
from gateway.errors import ConfigError

DEFAULT_SUPPLIER_URL = "http://127.0.0.1:8100"
SECRET = {
    "LARDER_DATABASE_URL",
    "LARDER_DATABASE_DIRECT_URL",
    "LARDER_REDIS_URL",
    "LARDER_SECRET_KEY",
    "LARDER_DEVELOPER_KEY",
    "LARDER_PUSH_TOKEN",
    "LARDER_PURGE_TOKEN",
    "LARDER_SENTRY_DSN",
}


class Config(
    GraphiQLSettings,
    ObservingSettings,
    IdentitySettings,
    IntrospectionSettings,
    LimitSettings,
    LoadSettings,
    CacheSettings,
    DeliverySettings,
    EndpointSettings,
    DocumentSettings,
    PlanSettings,
    SupplierSettings,
    ServingSettings,
    StoreSettings,
    BaseSettings,
):
    """The settings. A field ``lanes`` is the environment's ``LARDER_LANES``; an empty variable counts as unset.

    A group's defaults may depend on the groups below it.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", validate_default=True
    )


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
