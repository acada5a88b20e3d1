"""Tables that were copied or emptied after a snapshot was taken.

PostgreSQL manual, 13.6 (Caveats): after a TRUNCATE, or an ALTER TABLE that copies the table, older snapshots find the
table empty. So whoever has read asks at the end whether a table that it named has another file by now than in its own
snapshot; then the answer is not to be used. The reader's locks keep what it has read from changing after that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import TextField

from loaders.params import Param
from loaders.statement import Statement

QUOTED = re.compile(r'"([^"]+)"')

TABLES = "tables"

REWRITTEN = Statement(
    """
    SELECT count(*) FROM unnest(%s::text[]) AS wanted(name) JOIN pg_class ON oid = to_regclass(name)
    WHERE relfilenode <> pg_relation_filenode(oid)
    """,
    (Param(TABLES, ArrayField(TextField())),),
    ("count",),
)
"""How many of the tables (quoted names) were rewritten since the snapshot."""


@lru_cache(maxsize=4096)
def named_tables(sql: str) -> frozenset[str]:
    """The models' tables that a statement names, joined and nested ones too; maybe one whose name is a column's."""
    return model_tables().intersection(QUOTED.findall(sql))


@cache
def model_tables() -> frozenset[str]:
    """The tables of every model, of relations without a model of their own too."""
    return frozenset(model._meta.db_table for model in apps.get_models(include_auto_created=True))


def quoted(tables: Iterable[str]) -> list[str]:
    """Table names as the statement takes them, sorted."""
    return [f'"{table}"' for table in sorted(tables)]
