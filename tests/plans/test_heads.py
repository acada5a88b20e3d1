"""A plan's heads cover every table that PostgreSQL reads for it, as PostgreSQL itself says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from loaders.pipelines.calls import Prepared
from plans.engine import PlanEngine
from plans.errors import Deopt, NotCompilable
from tests.equality.applications import APPLICATIONS
from tests.equality.generated import each, operations
from tests.equality.operation import Operation
from tests.equality.stored import Page, Stored

COUNT = 80


class Nowhere:
    """Lanes that nothing runs on."""

    async def run(self, make: Any) -> list[Any]:
        raise NotImplementedError


def relations(plan: Any) -> Iterator[str]:
    """The tables that an EXPLAIN names, in whatever depth."""
    if isinstance(plan, dict):
        if "Relation Name" in plan:
            yield plan["Relation Name"]
        for value in plan.values():
            yield from relations(value)
    elif isinstance(plan, list):
        for value in plan:
            yield from relations(value)


def typed(connection: psycopg.Connection, statement: Prepared) -> str:
    """The statement with the type of each place written out."""

    def written(found: re.Match[str]) -> str:
        oid = statement.oids[int(found[1]) - 1]
        [[name]] = connection.execute("SELECT %s::oid::regtype::text", [oid or 25]).fetchall()
        return f"{found[0]}::{name}" if oid else found[0]

    return re.sub(r"\$(\d+)", written, statement.sql.decode())


@pytest.mark.parametrize("name", APPLICATIONS)
def test_every_table_that_is_read_is_among_the_heads(store: str, name: str) -> None:
    application = APPLICATIONS[name]()
    stored = application.fill()
    pages = {"Query.locations": [Page({}, ["x"])]} if name == "shipped" else {}
    engine = PlanEngine(application.schema, Nowhere())
    seen: set[str] = set()
    uncovered: dict[str, set[str]] = {}
    with psycopg.connect(store, autocommit=True, prepare_threshold=None) as connection:

        def check(generated: Operation) -> None:
            try:
                operation = engine.operation(generated.document, generated.name)
                variables = operation.variables(dict(generated.variables))
                variant = operation.variant(variables)
                plan = variant.plan(variant.binder.bind(variables, generated.viewer), engine.opening)
            except (NotCompilable, Deopt):
                return
            except Exception:  # noqa: BLE001 - a value that the resolver path reports
                return
            calls = [*plan.prepared, *([plan.changing] if plan.changing else [])]
            for sql in {typed(connection, call.statement) for call in calls}:
                if sql.startswith("EXPLAIN"):
                    continue
                [[explained]] = connection.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {sql}".encode()).fetchall()
                found = set(relations(explained))
                seen.update(found)
                if not found <= plan.names:
                    uncovered[str(generated)] = found - plan.names

        each(operations(application, Stored(stored.values, pages)), COUNT, 0, check)

    assert not uncovered
    assert len(seen) >= 8
