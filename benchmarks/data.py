"""The catalogue that is measured: made in the database by bulk SQL, the same rows for the same shape on the same day.

Every value that the clock changes lies hours away from its next change, so that answers do not change during a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.rows import FUNCTIONS, STATEMENTS, TABLES

SOURCE = "bench"
STOREFRONT_ITEMS = 80
STOREFRONT_SECTION = 20
LONG_SECTION = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """How much there is: ``locations`` with 80 items each, and one location for each size in ``long`` (items)."""

    locations: int = 2000
    long: tuple[int, ...] = (500, 1000, 2000, 5000)
    seed: int = 7

    @property
    def items(self) -> int:
        """Items in the whole catalogue."""
        return self.locations * STOREFRONT_ITEMS + sum(self.long)


class ForeignData(Exception):
    """The database holds rows of others, which the benchmark would have to delete."""


class Occupied(Exception):
    """Another benchmark uses the database: it would change the data under this one, and its load the figures."""


class ChangedData(Exception):
    """The data changed during the run, so that nothing it measured counts."""


def storefront_slug(number: int) -> str:
    """The slug of a location of 80 items; numbers count from 1."""
    return f"shop-{number:05}"


def long_slug(items: int) -> str:
    """The slug of the location with that many items."""
    return f"long-{items}"


@contextmanager
def occupied(database_url: str) -> Iterator[None]:
    """Keep every other benchmark off the database. Raises ``Occupied`` when one is there."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        found = connection.execute("SELECT pg_try_advisory_lock(hashtext('larder benchmark'))").fetchone()
        if found is None or not found[0]:
            raise Occupied("another benchmark is running on this database; wait for it or give another one")
        yield


def check_unchanged(database_url: str, shape: Shape) -> None:
    """Raises ``ChangedData`` unless the store holds what ``fill`` made for ``shape``."""
    with psycopg.connect(database_url) as connection:
        items = connection.execute("SELECT count(*) FROM larder_item").fetchone()
        found = label(connection)
    if found is None or json.loads(found) | {"day": ""} != json.loads(wanted_label(shape)) | {"day": ""}:
        raise ChangedData(f"the store was filled for {shape}, and is labelled {found}")
    if items != (shape.items,):
        raise ChangedData(f"the store has {items and items[0]} items instead of {shape.items}")


def fill(database_url: str, shape: Shape) -> bool:
    """Make the store hold exactly ``shape``. Returns: whether it had to be filled, rather than found as wanted.

    Raises ``ForeignData`` rather than delete what it did not make.
    """
    with psycopg.connect(database_url) as connection:
        if label(connection) == wanted_label(shape):
            return False
        if strangers(connection):
            raise ForeignData("the database has sources of its own; give the benchmark an empty one")
        load(connection, shape)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))
    return True


def strangers(connection: psycopg.Connection[Any]) -> list[str]:
    """Sources that are not the benchmark's."""
    found = connection.execute(
        "SELECT name FROM larder_source WHERE name <> %(own)s"
        " UNION SELECT source FROM larder_confirmation WHERE source <> %(own)s",
        {"own": SOURCE},
    )
    return [name for (name,) in found]


def label(connection: psycopg.Connection[Any]) -> str | None:
    """What the rows that are there were made for."""
    row = connection.execute("SELECT account FROM larder_source WHERE name = %s", [SOURCE]).fetchone()
    return None if row is None else str(row[0])


def wanted_label(shape: Shape) -> str:
    """Dated menus and ages belong to a day."""
    return json.dumps({**asdict(shape), "day": datetime.now(UTC).date().isoformat(), "rows": 1})


def load(connection: psycopg.Connection[Any], shape: Shape) -> None:
    """Replace every row of the catalogue, in one transaction."""
    tables = sql.SQL(", ").join(map(sql.Identifier, TABLES))
    connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
    connection.execute("SET LOCAL work_mem = '256MB'")
    connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
    connection.execute(FUNCTIONS)
    connection.execute("CREATE TEMP TABLE sizes (id bigint, slug text, items int, per_section int) ON COMMIT DROP")
    with connection.cursor().copy("COPY sizes FROM STDIN") as copy:
        for row in sizes(shape):
            copy.write_row(row)
    connection.execute("INSERT INTO larder_source VALUES (%s, 'bench', %s)", [SOURCE, wanted_label(shape)])
    with without_indexes(connection, TABLES):
        for statement in STATEMENTS:
            connection.execute(statement.replace("{seed}", str(shape.seed)))
    for table in TABLES[1:]:
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def sizes(shape: Shape) -> Iterator[tuple[int, str, int, int]]:
    """(id, slug, items, items per section) of every location."""
    for number in range(1, shape.locations + 1):
        yield number, storefront_slug(number), STOREFRONT_ITEMS, STOREFRONT_SECTION
    for number, items in enumerate(shape.long, shape.locations + 1):
        yield number, long_slug(items), items, LONG_SECTION


@contextmanager
def without_indexes(connection: psycopg.Connection[Any], tables: Sequence[str]) -> Iterator[None]:
    """Drop exclusion constraints and plain indexes, and make them again: building one costs a tenth of growing it."""
    constraints = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'x' AND conrelid = ANY(%s::regclass[])",
        [list(tables)],
    ).fetchall()
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE NOT indisunique AND NOT indisexclusion AND indrelid = ANY(%s::regclass[])",
        [list(tables)],
    ).fetchall()
    for table, name, _ in constraints:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for _, definition in indexes:
        connection.execute(definition)
    for table, name, definition in constraints:
        connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
