"""Lists in an order that no index has: every page sorts all of the list, or all rows of its key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.db.models.lookups import Exact, IsNull

from gateway.checking.findings import Found
from gateway.checking.indexes import ORDERED, Known
from gateway.checking.project import Project
from gateway.checking.reads import Read
from loaders.listings import Listing


def find(project: Project) -> Iterator[Found]:
    """Each listing in the order of a column, where it is declared."""
    for read in project.reads:
        ordered = ordering_fields(read)
        known = project.indexes.of(read.source.model)
        if not ordered or known is None:
            continue
        first = ordered[0]
        keyed = [field for _, field in read.keys]
        if served(known, first.column, {field.column for field in keyed}, compared(read.querysets[0])):
            continue
        columns = ", ".join(field.column for field in [*keyed, first])
        wanted = ", ".join(f'"{field.name}"' for field in [*keyed, *ordered])
        sorts = "all rows of its key" if keyed else "the whole list"
        yield Found(
            read.place,
            read.name,
            f"no index of {first.model._meta.db_table} begins with {columns} ({known.by}): every page sorts {sorts}",
            f"give {first.model.__name__} `Index(fields=[{wanted}])`",
        )


def ordering_fields(read: Read) -> list[Any]:
    """The columns that a listing is ordered by, up to the first that is computed.

    None for one that is keyed by another table's column: the rows of a key come from there, in no order.
    """
    found: list[Any] = []
    model = read.source.model
    if not isinstance(read.source, Listing) or not read.querysets or any(other is not model for other, _ in read.keys):
        return found
    for name in read.source.columns:
        field = None if name in read.querysets[0].query.annotations else local_field(model, name)
        if field is None:
            break
        found.append(field)
    return found


def local_field(model: type[Model], name: str) -> Any:
    """The field of that name that is a column of the model's own table, None where there is none."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if field.model is model else None


def compared(queryset: QuerySet[Any, Any]) -> set[str]:
    """The columns that all rows of a list agree in."""
    return {
        child.lhs.target.column
        for child in queryset.query.where.children
        if isinstance(child, Exact | IsNull) and hasattr(child.lhs, "target") and not queryset.query.where.negated
    }


def served(known: Known, column: str, keys: set[str], equal: set[str]) -> bool:
    """Whether an index gives the rows of a key in the order: the column, after nothing but columns that are the same.

    keys: the columns that must come before it. equal: those that may. One row of a key is in any order.
    """
    for index in known.indexes:
        if keys and index.unique and not index.partial and keys >= set(index.columns):
            return True
        if index.method != ORDERED or column not in index.columns:
            continue
        before = set(index.columns[: index.columns.index(column)])
        if keys <= before <= keys | equal:
            return True
    return False
