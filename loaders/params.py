"""Typed holes in a queryset: Django compiles the SQL once, the values are bound per call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Expression, Field, ForeignKey, Lookup

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

KEYS = "keys"
"""Name of the parameter that holds a fetch's keys (an array)."""

INSTANT = "instant"
"""Name of the parameter that holds the operation instant."""

_LENGTHLESS = {"varchar": "text", "character varying": "text", "char": "text", "numeric": "numeric"}


class Param(Expression):
    """A named value of an SQL type, known only when the statement runs."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:  # noqa: ARG002 - the protocol's signature
        """Return ``%s`` with an explicit type, and itself as the parameter to be replaced."""
        return f"%s::{cast_type(self.output_field, connection)}", [self]


def cast_type(field: Field[Any, Any], connection: BaseDatabaseWrapper) -> str:
    """SQL type of ``field`` without a length or a scale, which would silently cut a value."""
    if isinstance(field, ArrayField):
        return f"{cast_type(field.base_field, connection)}[]"
    sql_type = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    name = (sql_type or "text").partition("(")[0]
    return _LENGTHLESS.get(name, name)


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``column = ANY(array)``: one parameter, so the text does not vary with the number of keys."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Compile both sides; the right one is a ``Param`` of an array type."""
        lhs, lhs_params = self.process_lhs(compiler, connection)
        rhs, rhs_params = self.process_rhs(compiler, connection)
        return f"{lhs} = ANY({rhs})", [*lhs_params, *rhs_params]


def keys_param(field: Field[Any, Any]) -> Param:
    """The array parameter for keys that compare with ``field``'s column."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return Param(KEYS, ArrayField(field))
