"""Migrations, as files, that let tables of the served application move heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import AppConfig, apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader

from gateway.delivery.tables import Untracked, migration
from gateway.errors import GatewayError

NAME = "track_heads"
STORE = ("larder_sync", "0002_store")
"""The migration that has what the triggers call."""


@dataclass(frozen=True, slots=True)
class TrackingMigration:
    """A file to be written, and what stands in it."""

    path: Path
    text: str


def apps_below(folder: Path) -> list[str]:
    """Names of the apps whose files are in ``folder``, but for those that are installed in an environment there."""
    paths = {config.name: Path(config.path) for config in apps.get_app_configs()}
    return [name for name, path in paths.items() if path.is_relative_to(folder) and "site-packages" not in path.parts]


def tracking_migrations(found: Iterable[Untracked], own: Iterable[str]) -> Iterator[TrackingMigration]:
    """One migration for each of the project's ``own`` apps, after the last one that it has.

    own: names of apps. Tables of other apps go to the first of them: nobody writes into what is
    installed. Raises ``GatewayError`` for an app that has no migrations.
    """
    homes = [config for config in apps.get_app_configs() if config.name in set(own)]
    if not homes:
        raise GatewayError("no app of yours is installed that could have the migration: name it in LARDER_APPS")
    owners = {
        model._meta.db_table: config
        for config in apps.get_app_configs()
        for model in config.get_models(include_auto_created=True)
    }
    tables: dict[AppConfig, list[Untracked]] = defaultdict(list)
    for each in found:
        if each.trackable:
            owner = owners[each.table]
            tables[owner if owner in homes else homes[0]].append(each)
    loader = MigrationLoader(None)
    for home, mine in tables.items():
        yield tracking_migration(home, mine, {owners[each.table].label for each in mine}, loader)


def tracking_migration(
    home: AppConfig, tables: Iterable[Untracked], labels: Iterable[str], loader: MigrationLoader
) -> TrackingMigration:
    """The migration of one app. labels: of the apps whose tables it is about."""
    leaves = [leaf for label in sorted({home.label, *labels}) for leaf in loader.graph.leaf_nodes(label)]
    own = [name for label, name in leaves if label == home.label]
    if len(own) != 1:
        raise GatewayError(f"{home.label} must have migrations with one end: run larder manage makemigrations")
    package, _ = MigrationLoader.migrations_module(home.label)
    folder = Path(home.path, *(package or "").removeprefix(f"{home.name}.").split("."))
    number = (MigrationAutodetector.parse_number(own[0]) or 0) + 1
    return TrackingMigration(folder / f"{number:04}_{NAME}.py", migration(tables, [STORE, *leaves]) + "\n")
