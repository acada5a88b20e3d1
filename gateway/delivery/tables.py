"""Which tables a schema reads, and which of them move no head when they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Model
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryOptional

from loaders.fetches import Fetch
from loaders.fields import FetchField
from loaders.listings import Listing
from loaders.resolutions import Resolution
from loaders.rewrites import named_tables
from sync.tracking import EVERY_EVENT, TRACKED

KINDS = "SELECT relname, relkind::text FROM pg_class WHERE relname = ANY(%(tables)s) AND pg_table_is_visible(oid)"
TABLES = {"r", "p"}
"""Relations that can have the triggers: tables, partitioned ones too."""


@dataclass(frozen=True, slots=True, order=True)
class Untracked:
    """A table whose changes no head tells of. field: one that reads it, ``Type.field``. trackable: not a view."""

    table: str
    field: str
    trackable: bool = True


def untracked(schema: GraphQLSchema, cursor: Any) -> list[Untracked]:
    """The tables that the schema reads and that move no head, by name; those that do not exist apart.

    cursor: Django's.
    """
    read = tables_read(schema)
    cursor.execute(TRACKED, {"every": EVERY_EVENT})
    tracked = {table for table, _ in cursor.fetchall()}
    cursor.execute(KINDS, {"tables": sorted(set(read) - tracked)})
    return sorted(Untracked(table, read[table], kind in TABLES) for table, kind in cursor.fetchall())


def tables_read(schema: GraphQLSchema) -> dict[str, str]:
    """Every model's table that a field's fetch or columns name, and one such field.

    What a resolver written by hand reads is not known, nor are tables without a model.
    """
    found: dict[str, str] = {}
    for place, field in fields_by_data(schema):
        for sql in statements(field):
            for table in named_tables(sql):
                found.setdefault(table, place)
    return found


def fields_by_data(schema: GraphQLSchema) -> Iterator[tuple[str, FetchField]]:
    """Every field that is resolved by data, as ``Type.field`` and as it was declared."""
    for name, kind in schema.type_map.items():
        for field_name, field in kind.fields.items() if isinstance(kind, GraphQLObjectType) else ():
            declared = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if isinstance(declared, FetchField) and declared.resolution is not None:
                yield f"{name}.{field_name}", declared


def statements(field: FetchField) -> Iterator[str]:
    """The SQL of a field: of its fetches, with the required arguments and with all, and of the columns of its row."""
    required = {each.python_name for each in field.arguments if not isinstance(each.type, StrawberryOptional)}
    for source in sources(field.resolution):
        least = tuple(name for name in source.params if name in required)
        for given in dict.fromkeys([least, tuple(source.params)]):
            queryset = source.filtered(given) if isinstance(source, Listing) else source.queryset(given)
            yield str(queryset.values_list("pk").query.sql_with_params()[0])
            yield f'"{source.model._meta.db_table}"'
    if field.resolution is not None and field.origin_django_type is not None:
        model: type[Model] = field.origin_django_type.model
        yield f'"{model._meta.db_table}"'
        yield from (joined(model, column) for column in field.resolution.columns)


def joined(model: type[Model], column: str) -> str:
    """SQL that names the tables on the way to a column; "" for an annotation, which is in the SQL of its fetch."""
    try:
        return str(model._base_manager.values_list(column).query.sql_with_params()[0])
    except FieldError:
        return ""


def sources(resolution: Resolution | None) -> Iterator[Fetch | Listing]:
    """The fetches and listings of a field."""
    for value in parts(resolution):
        if isinstance(value, Fetch | Listing):
            yield value
        elif isinstance(value, Mapping):
            yield from (fetch for _, fetch in value.values() if isinstance(fetch, Fetch))


def parts(resolution: Resolution | None) -> Iterable[Any]:
    """What a resolution was declared with: a fetch, a listing, or choices by the name of their type."""
    names = ("fetch", "listing", "types", "choices")
    return [value for name in names if (value := getattr(resolution, name, None)) is not None]


UNKNOWN = """        ("larder_sync", "0002_store"),
        # and the migrations that create these tables"""


def migration(found: Iterable[Untracked], after: Iterable[tuple[str, str]] = ()) -> str:
    """A migration that lets the tables move heads, for the app that they belong to.

    after: the migrations that create them, as (app, name), and that of the store; where none is given, a comment asks
    for them.
    """
    dependencies = "\n".join(f'        ("{app}", "{name}"),' for app, name in after) or UNKNOWN
    operations = "\n".join(f'        TrackHead("{each.table}"),' for each in found if each.trackable)
    return f"""from django.db import migrations

from larder.sync import TrackHead


class Migration(migrations.Migration):
    dependencies = [
{dependencies}
    ]

    operations = [
{operations}
    ]"""
