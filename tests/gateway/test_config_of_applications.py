"""Which application the settings mean, and what follows from that."""

from __future__ import annotations

import pytest

from gateway.config import read_config
from gateway.sources import configured_sources

SHIPPED = ("catalog",)


@pytest.mark.parametrize(
    ("apps", "schema", "installed", "targets"),
    [
        ("", "", SHIPPED, "catalog.targets.TARGETS"),
        ("extras", "", (*SHIPPED, "extras"), "catalog.targets.TARGETS"),
        ("shop", "shop.graphql:schema", ("shop",), None),
        ("catalog,shop", "shop.graphql:schema", (*SHIPPED, "shop"), "catalog.targets.TARGETS"),
    ],
)
def test_the_shipped_application_is_installed_where_it_is_served_or_named(
    monkeypatch: pytest.MonkeyPatch, apps: str, schema: str, installed: tuple[str, ...], targets: str | None
) -> None:
    monkeypatch.setenv("LARDER_APPS", apps)
    monkeypatch.setenv("LARDER_SCHEMA", schema)

    settings = read_config()

    assert settings.installed_apps == installed
    assert settings.targets == targets
    assert set(configured_sources(settings)) == ({"canteens"} if targets else set())


def test_targets_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_APPS", "shop")
    monkeypatch.setenv("LARDER_SCHEMA", "shop.graphql:schema")
    monkeypatch.setenv("LARDER_TARGETS", "shop.targets.TARGETS")

    assert read_config().targets == "shop.targets.TARGETS"
