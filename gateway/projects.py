"""The folder that a command runs in, as a project: its settings in ``.env``, its modules, its own Django settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dotenv import dotenv_values

import gateway
from gateway.errors import ConfigError

OWN_SETTINGS = "gateway.settings"
OWN_PACKAGES = frozenset(
    {"catalog", "gateway", "larder", "loaders", "persisted_queries", "plans", "resolvers", "schema", "sync"}
)
"""What the wheel installs. A project's module of such a name would never be found."""

NAMING = ("LARDER_APPS", "LARDER_SCHEMA", "LARDER_TARGETS")
"""Settings that name modules of the project."""

HOME = Path(gateway.__path__[0]).parent


def enter_project(folder: Path) -> None:
    """Let a command find what the project in ``folder`` has.

    What ``.env`` there sets counts where the environment says nothing. Modules of the folder come after those that are
    installed. Django settings of the project's own, named by ``DJANGO_SETTINGS_MODULE``, are read before Larder's, so
    that they may say where the store is. Raises ``ConfigError`` for a module that Larder's own hides.
    """
    for name, value in dotenv_values(folder / ".env").items():
        if value is not None:
            os.environ.setdefault(name, value)
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    refuse_hidden(folder)
    if os.environ.get("DJANGO_SETTINGS_MODULE", OWN_SETTINGS) != OWN_SETTINGS:
        from django.conf import settings  # noqa: PLC0415 - 0.1 s, for those projects that have settings of their own

        _ = settings.INSTALLED_APPS


def refuse_hidden(folder: Path) -> None:
    """Raises ``ConfigError`` where a setting names a module that is in ``folder`` but is hidden by Larder's own."""
    if folder.resolve() == HOME.resolve():
        return
    for setting in NAMING:
        for named in os.environ.get(setting, "").split(","):
            package = named.strip().replace(":", ".").partition(".")[0]
            if package in OWN_PACKAGES and ((folder / package).is_dir() or (folder / f"{package}.py").is_file()):
                raise ConfigError(setting, f"{package} is a package of Larder's own: give yours another name")
