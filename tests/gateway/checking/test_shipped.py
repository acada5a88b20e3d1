"""The rules over what ships and over the library: what they say is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db.models import Model

from gateway.checking.indexes import DeclaredIndexes, Indexed, Indexes, StoredIndexes
from gateway.checking.project import Project
from gateway.checking.registry import RULES
from gateway.checking.report import check
from gateway.config import config
from schema.root import schema as shipped

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| `(larder\.[EW]\d{3})` \| (.+?) \|", re.MULTILINE)
MODELS = [
    model
    for label in ("larder_catalog", "library", "larder_sync")
    for model in apps.get_app_config(label).get_models(include_auto_created=True)
]


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


def test_what_ships_is_clean(connection: psycopg.Connection) -> None:
    report = check(Project(config(), shipped, connection))

    assert list(report.lines()) == ["0 errors, 0 warnings; indexes as the store tells"]
    assert not report.fails(strict=True)


def test_models_declare_the_indexes_that_the_store_has(connection: psycopg.Connection) -> None:
    """But for those that Django makes of text for LIKE, besides an index of the same column."""
    stored = StoredIndexes.read(connection)

    for model in MODELS:
        there, said = indexes_of(stored, model), indexes_of(DeclaredIndexes(), model)
        assert said <= there, model
        assert there - said <= {Indexed(index.columns) for index in said if len(index.columns) == 1}, model


def indexes_of(indexes: Indexes, model: type[Model]) -> set[Indexed]:
    found = indexes.of(model)
    assert found is not None
    return set(found.indexes)


def test_a_view_has_no_indexes_and_a_table_that_is_not_there_those_of_its_model() -> None:
    [model] = [model for model in MODELS if model._meta.label == "library.Author"]
    indexes = StoredIndexes({"library_author": None})

    assert indexes.of(model) is None
    assert StoredIndexes({}).of(model) == DeclaredIndexes().of(model)


def test_every_code_is_documented() -> None:
    rows = ROW.findall((ROOT / "docs" / "checking.md").read_text(encoding="utf-8"))

    assert rows == [(rule.code, rule.what) for rule in RULES]
