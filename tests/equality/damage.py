"""Damaged rows: the store holds what its constraints forbid, for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
COLUMNS = """
SELECT c.relname, a.attname, a.attnotnull, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""


@contextmanager
def damaged(database_url: str, statements: Sequence[str]) -> Iterator[None]:
    """Run ``statements``; afterwards empty the tables whose shape they changed and give them that shape back."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        before = shape(connection)
        try:
            for statement in statements:
                connection.execute(statement.encode())
            yield
        finally:
            restore(connection, before)


def shape(connection: psycopg.Connection[Any]) -> tuple[set[Any], set[Any]]:
    """Every constraint and every column."""
    return set(connection.execute(CONSTRAINTS).fetchall()), set(connection.execute(COLUMNS).fetchall())


def restore(connection: psycopg.Connection[Any], before: tuple[set[Any], set[Any]]) -> None:
    """Undo what differs from ``before``."""
    constraints, columns = (was - now for was, now in zip(before, shape(connection), strict=True))
    tables = {row[0] for row in (*constraints, *columns)}
    if tables:
        emptied = sql.SQL(", ").join(map(sql.Identifier, sorted(tables)))
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(emptied))
    kinds = {(table, column): kind for table, column, _, kind in shape(connection)[1]}
    for table, column, required, kind in columns:
        names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
        text = f"ALTER TABLE {{table}} ALTER COLUMN {{column}} {'SET' if required else 'DROP'} NOT NULL"
        if kinds[table, column] != kind:
            text += f", ALTER COLUMN {{column}} TYPE {kind}"
        connection.execute(sql.SQL(text).format(**names))
    for table, name, definition in constraints:
        text = f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {definition}"
        connection.execute(sql.SQL(text).format(sql.Identifier(table), sql.Identifier(name)))
