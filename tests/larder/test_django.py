"""Larder's settings in a settings module of somebody else."""

from __future__ import annotations

import os

import pytest

from gateway.config import config
from gateway.errors import ConfigError
from larder.django import as_text, engine_settings

DATABASE = {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that may be written to, and nothing read of it so far."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LARDER_")}
    monkeypatch.setattr(os, "environ", kept)
    monkeypatch.setattr("larder.django.config", config.__wrapped__)


def test_what_the_engine_reads_is_made_of_the_projects_settings() -> None:
    made = engine_settings(DATABASE, schema="shop.graphql:schema", targets="shop.targets.TARGETS", max_page=7)

    assert made["LARDER_TARGETS"] == "shop.targets.TARGETS"
    assert made["LARDER_SOURCES"] == {}
    assert made["LARDER_MAX_PAGE"] == 7
    assert os.environ["LARDER_DATABASE_URL"] == "postgresql:///?dbname=shop"


def test_the_environment_goes_before() -> None:
    os.environ["LARDER_MAX_PAGE"] = "50"

    assert engine_settings(DATABASE, schema="shop.graphql:schema", max_page=7)["LARDER_MAX_PAGE"] == 50


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="LARDER_MAX_PAGES: is no setting of Larder's"):
        engine_settings(DATABASE, schema="shop.graphql:schema", max_pages=7)


@pytest.mark.parametrize(
    ("value", "text"), [(True, "on"), (False, "off"), (("a", "b"), "a,b"), (1.5, "1.5"), ("x", "x")]
)
def test_values_as_the_environment_has_them(value: object, text: str) -> None:
    assert as_text(value) == text
