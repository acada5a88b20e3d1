"""What the store says, independent of when and how it came to say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from sync.tables import TargetTable, describe
from sync.targets import installed_targets

Key = tuple[str, str]
"""Kind, external id."""
Unit = tuple[str, str]
"""Concern, unit of freshness."""
Rows = Mapping[Key, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Contents:
    """The live rows.

    ``rows`` is key → column → value, ids of other rows as their external ids; ``claims`` is key → when the row's value
    is said to have been confirmed.
    """

    rows: Rows
    claims: Mapping[Key, datetime | None]
    confirmed: Mapping[Unit, datetime | None]
    units: Mapping[Key, Unit]
    """The unit that each row is of."""


def contents(url: str) -> Contents:
    """What the store at ``url`` says now."""
    rows: dict[Key, Mapping[str, Any]] = {}
    claims: dict[Key, datetime | None] = {}
    units: dict[Key, Unit] = {}
    targets = installed_targets()
    models = {target.kind: target.model for target in targets.targets}
    with psycopg.connect(url) as connection:
        for target in targets.targets:
            table = describe(target, models)
            for key, claimed, concern, unit, said in connection.execute(statement(table)):
                rows[table.kind, key] = said
                claims[table.kind, key] = claimed
                units[table.kind, key] = concern, unit
        confirmed = {
            (concern, scope): at
            for concern, scope, at in connection.execute("SELECT concern, scope, confirmed_at FROM larder_confirmation")
        }
    return Contents(rows, claims, confirmed, units)


def statement(table: TargetTable) -> str:
    """External id, claim, concern and unit, and the rest as JSON."""
    own = [f"'{field}', t.{column}" for field, column in table.columns.items()]
    others = [f"'{reference.field}', r_{reference.field}.external_id" for reference in table.references]
    joins = [
        f"LEFT JOIN {reference.table} r_{reference.field} ON r_{reference.field}.id = t.{reference.column}"
        for reference in table.references
    ]
    return f"""SELECT t.external_id, COALESCE(t.held_confirmed_at, c.confirmed_at), c.concern, c.scope,
            jsonb_build_object({", ".join([*own, *others])})
        FROM {table.table} t LEFT JOIN larder_confirmation c ON c.id = t.confirmation_id {" ".join(joins)}
        WHERE t.deleted_at IS NULL"""


def emptied(url: str) -> None:
    """Empty the store, as it is before a test."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            r"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'larder\_%'"
        ).fetchall()
        connection.execute(f"TRUNCATE {', '.join(name for (name,) in tables)} RESTART IDENTITY CASCADE")


def forgiven(url: str) -> None:
    """What a source may not ask for a while, it may ask again: the while is over."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE larder_sync_allowance")


def rested(url: str, statement: str) -> None:
    """Let a source find that time has passed."""
    if statement:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)


def repeated_prices(url: str) -> int:
    """Entries of the price history that say what the entry before them says."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            """SELECT count(*) FROM (
                SELECT (amount, original_amount, per_unit_amount, per_unit, currency, deleted)
                    IS NOT DISTINCT FROM lag((amount, original_amount, per_unit_amount, per_unit, currency, deleted))
                        OVER (PARTITION BY offer_id ORDER BY id) AS repeated
                FROM larder_price_change
            ) entries WHERE repeated"""
        ).fetchone()
    assert found is not None
    return int(found[0])
