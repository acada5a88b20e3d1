"""What a schema reads, and what of it nobody would learn of."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from graphql import GraphQLSchema

from gateway.delivery.checks import check_tracking
from gateway.delivery.tables import Untracked, migration, tables_read, untracked
from schema.root import schema as shipped
from tests.library.schema import schema as library

ROOT = Path(__file__).parents[3]
LIBRARY, SHIPPED = library._schema, shipped._schema


@pytest.fixture
def triggerless(database_url: str) -> Iterator[str]:
    """A store in which a model's table, a join table and one event of a third are not tracked, until the test ends."""
    with psycopg.connect(database_url, autocommit=True) as store:
        for table in ("library_author", "library_book_categories"):
            store.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        store.execute("ALTER TABLE library_copy DISABLE TRIGGER larder_head_truncate")
        yield database_url
        for table in ("library_author", "library_book_categories", "library_copy"):
            store.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def found(schema: GraphQLSchema) -> list[Untracked]:
    with connection.cursor() as cursor:
        return untracked(schema, cursor)


def test_relations_and_joins_are_read_too() -> None:
    library_reads, shipped_reads = tables_read(LIBRARY), tables_read(SHIPPED)

    assert {"library_book", "library_book_categories", "library_authorship", "library_loan"} <= set(library_reads)
    assert {"larder_item", "larder_placement", "larder_offer", "larder_confirmation"} <= set(shipped_reads)
    assert all("." in field for field in library_reads.values())


def test_everything_that_ships_is_tracked(database_url: str) -> None:
    assert found(SHIPPED) == []
    assert found(LIBRARY) == []
    assert check_tracking(databases=["default"]) == []


def test_what_is_not_tracked_is_found_with_a_field_that_reads_it(triggerless: str) -> None:
    tables = found(LIBRARY)

    assert [each.table for each in tables] == ["library_author", "library_book_categories", "library_copy"]
    assert all(each.trackable for each in tables)
    assert tables[1].field in {"Book.categories", "Category.books"}


def test_a_view_is_told_from_a_table(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(database_url, autocommit=True) as store:
        store.execute("CREATE VIEW library_shown AS SELECT 1 AS id")
        monkeypatch.setattr(
            "gateway.delivery.tables.tables_read", lambda _: {"library_shown": "Query.shown", "nowhere": "Query.x"}
        )
        try:
            assert found(LIBRARY) == [Untracked("library_shown", "Query.shown", trackable=False)]
        finally:
            store.execute("DROP VIEW library_shown")


def test_the_printed_migration_names_every_table_that_can_be_tracked() -> None:
    text = migration([Untracked("a", "A.x"), Untracked("v", "V.x", trackable=False), Untracked("b", "B.x")])

    ast.parse(text)
    assert text.count("TrackHead(") == 2
    assert 'TrackHead("a")' in text
    assert 'TrackHead("b")' in text


def test_a_check_warns_under_a_stable_id(triggerless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.schemas.served_schema", lambda: LIBRARY)

    messages = check_tracking(databases=["default"])

    assert [message.id for message in messages] == ["larder.W001"] * 3
    assert messages[0].msg.startswith("library_author is read by ")
    assert check_tracking(databases=None) == []


def test_the_command_prints_a_migration_for_what_it_lists(triggerless: str) -> None:
    environment = {**os.environ, "LARDER_APPS": "tests.library", "LARDER_SCHEMA": "tests.library.schema:schema"}

    def run(command: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "gateway", "track-heads", command]
        return subprocess.run(line, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

    listed, printed = run("check"), run("print")

    assert listed.returncode == 1, listed.stderr
    assert len(listed.stdout.splitlines()) == 3
    assert "library_author is not tracked (read by " in listed.stdout
    assert printed.returncode == 0
    assert 'TrackHead("library_book_categories"),' in printed.stdout
