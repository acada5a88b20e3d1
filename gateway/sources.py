"""The suppliers that the configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config import DEFAULT_SUPPLIER_URL, Config
from gateway.errors import ConfigError
from sync.errors import SettingsError
from sync.settings import SourceSettings, read_sources

if TYPE_CHECKING:
    from sync.webhooks.doors import Door


def configured_sources(config: Config) -> Mapping[str, SourceSettings]:
    """The sources by name; the canteens where no file names any and the application that comes with Larder is served.

    Raises ``ConfigError`` when the file of sources cannot be read.
    """
    if config.sources is None and not config.ships:
        return {}
    try:
        return read_sources(config.sources, supplier_url(config))
    except (OSError, ValueError) as exc:
        raise ConfigError("LARDER_SOURCES", " ".join(str(exc).split())) from exc


def configured_doors(config: Config) -> Mapping[str, Door]:
    """The sources that take webhooks, by name. Raises ``ConfigError`` for one that is declared wrongly."""
    declared = [source for source in configured_sources(config).values() if source.webhook]
    if not declared:
        return {}
    from sync.webhooks.doors import doors  # noqa: PLC0415 - loads every kind of source, 0.2 s, for those who need it

    try:
        return doors(declared)
    except SettingsError as exc:
        raise ConfigError("LARDER_SOURCES", str(exc)) from exc


def supplier_url(config: Config) -> str:
    """Where the one supplier is when no file names any: as set, else the simulator of a running ``larder dev``."""
    return config.supplier_url or running_simulator(config.data_dir) or DEFAULT_SUPPLIER_URL


def simulator_note(data_dir: Path) -> Path:
    """The file in which ``larder dev`` leaves its simulator's address, for commands beside it."""
    return data_dir / "simulator-url"


def running_simulator(data_dir: Path) -> str | None:
    """The address in that file, if there is one."""
    try:
        return simulator_note(data_dir).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
