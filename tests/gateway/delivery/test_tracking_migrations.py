"""Migrations, as files, for the tables that nobody tracks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gateway.delivery.tables import Untracked
from gateway.delivery.tracking_migrations import apps_below, tracking_migrations
from gateway.errors import GatewayError


def test_a_migration_follows_the_last_one_of_its_app_and_of_the_tables() -> None:
    found = [
        Untracked("larder_menu", "Query.menus"),
        Untracked("auth_user", "Menu.author"),
        Untracked("a_view", "x", trackable=False),
    ]

    [made] = tracking_migrations(found, ["catalog"])

    assert made.path.parent == Path("catalog/migrations").absolute()
    assert made.path.name == "0006_track_heads.py"
    ast.parse(made.text)
    assert '("larder_catalog", "0005_hours"),' in made.text
    assert '("auth", "0012_alter_user_first_name_max_length"),' in made.text
    assert '("larder_sync", "0002_store"),' in made.text
    assert made.text.count("TrackHead(") == 2
    assert "a_view" not in made.text


def test_an_app_without_migrations_is_told_what_to_do() -> None:
    with pytest.raises(
        GatewayError, match="library must have migrations with one end: run larder manage makemigrations"
    ):
        list(tracking_migrations([Untracked("library_book", "Query.books")], ["tests.library"]))


def test_tables_need_an_app_of_the_project() -> None:
    with pytest.raises(GatewayError, match="name it in LARDER_APPS"):
        list(tracking_migrations([Untracked("auth_user", "Query.users")], []))


def test_the_apps_of_a_folder_are_known_and_not_those_installed_there() -> None:
    assert set(apps_below(Path("tests").absolute())) == {"tests.library"}
    assert "sync" in apps_below(Path.cwd())
    assert "django.contrib.auth" not in apps_below(Path.cwd())
