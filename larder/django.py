"""Larder in the settings of a Django project: docs/mounting.md."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from gateway.config import Config, config, setting_names
from gateway.configured.kinds import PREFIX
from gateway.databases import database_url
from gateway.engine_settings import ENGINE_APPS
from gateway.engine_settings import engine_settings as made_settings
from gateway.errors import ConfigError

__all__ = ["ENGINE_APPS", "engine_settings"]


def engine_settings(database: Mapping[str, Any], *, schema: str, **others: object) -> dict[str, Any]:
    """Django's settings that Larder reads, by name, for ``globals().update(...)`` at the end of a settings module.

    database: the project's ``DATABASES["default"]``, a PostgreSQL. schema, others: settings of docs/configuration.md by
    their names without ``LARDER_``, in small letters (``sources="suppliers.toml"``); what the environment says goes
    before. Raises ``gateway.errors.ConfigError`` that names the setting.
    """
    known = {name for field in Config.model_fields for name in setting_names(field)}
    for name, value in {"database_url": database_url(database), "schema": schema, **others}.items():
        setting = f"{PREFIX}{name.upper()}"
        if setting not in known:
            raise ConfigError(setting, "is no setting of Larder's")
        os.environ.setdefault(setting, as_text(value))
    return made_settings(config())


def as_text(value: object) -> str:
    """A setting as the environment has it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
