"""The kind of Python value that a column's values arrive as: what PostgreSQL's type and psycopg make of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Field, ForeignKey, Model

from loaders.params import cast_type

KINDS = {
    "text": "str",
    "varchar": "str",
    "smallint": "int32",
    "integer": "int32",
    "bigint": "int64",
    "boolean": "bool",
    "uuid": "uuid",
    "date": "date",
    "timestamp with time zone": "datetime",
    "numeric": "decimal",
    "double precision": "float",
}
HASHED_WELL = {"str", "int32", "int64", "bool", "date", "datetime"}
"""Kinds whose equal values are the same value, and cheap to hash."""

HASHED = HASHED_WELL | {"uuid", "decimal", "float"}
"""Kinds whose values hash at all."""


def column_field(model: type[Model], path: str) -> Field[Any, Any] | None:
    """The model field behind a column or a path over forward relations; None for an annotation."""
    *steps, last = path.split("__")
    found: Any = model
    try:
        for step in steps:
            found = found._meta.get_field(step).related_model
        if last == "pk":
            return found._meta.pk  # type: ignore[no-any-return]
        for candidate in found._meta.concrete_fields:
            if candidate.attname == last:
                return candidate  # type: ignore[no-any-return]
        return found._meta.get_field(last)  # type: ignore[no-any-return]
    except (FieldDoesNotExist, AttributeError):
        return None


def kind_of(model: type[Model], path: str) -> str | None:
    """The kind of a column's values, None where it is not known."""
    field = column_field(model, path)
    return None if field is None else kind_of_field(field)


def kind_of_field(field: Field[Any, Any]) -> str | None:
    """The kind of a model field's values, None where it is not known."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    sql_type = cast_type(field, connection)
    if sql_type.endswith("[]"):
        element = KINDS.get(sql_type.removesuffix("[]"))
        return None if element is None else f"list of {element}"
    return KINDS.get(sql_type)
