"""Orders without a tie-breaker: rows that are equal in them come in any order, another one each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, OrderBy, QuerySet, UniqueConstraint

from gateway.checking.findings import Found
from gateway.checking.project import Project
from loaders.fetches import Fetch

ADVICE = "end its order with the primary key, or with other columns that are unique together"


def find(project: Project) -> Iterator[Found]:
    """Each declared fetch whose order does not tell any two rows of a key apart."""
    for read in project.reads:
        if not isinstance(read.source, Fetch):
            continue
        for queryset in read.querysets:
            if is_total(queryset, read.key_path):
                continue
            order = ", ".join(map(str, ordering(queryset))) or "nothing"
            equal = "which rows come first" if read.source.many else "which row counts"
            yield Found(
                read.place,
                read.name,
                f"it is ordered by {order}, which leaves open {equal} among equals",
                ADVICE,
            )
            break


def is_total(queryset: QuerySet[Any, Any], key_path: str | None) -> bool:
    """Whether no two rows of one key are equal in what they are ordered by.

    DISTINCT and UNION are not looked at: no plan covers them, and their rows depend on the columns.
    """
    query = queryset.query
    if query.distinct or query.combinator:
        return True
    columns = {name for part in ordering(queryset) if (name := column_of(queryset.model, part)) is not None}
    if key_path is not None and (name := column_of(queryset.model, key_path)) is not None:
        columns.add(name)
    if isinstance(query.group_by, tuple):
        grouped = {column_of(queryset.model, name) for name in query.values_select}
        return grouped <= columns
    return any(unique <= columns for unique in unique_sets(queryset.model))


def ordering(queryset: QuerySet[Any, Any]) -> tuple[Any, ...]:
    """What the rows are ordered by, as declared."""
    query = queryset.query
    own = query.extra_order_by or query.order_by
    if own or not query.default_ordering or query.group_by is not None:
        return tuple(own)
    return tuple(queryset.model._meta.ordering or ())


def column_of(model: type[Model], part: Any) -> str | None:
    """The column of the model itself that a part of an order is; None for any other expression."""
    if isinstance(part, OrderBy):
        part = part.expression
    name = getattr(part, "name", None) if isinstance(part, F) else part
    if not isinstance(name, str):
        return None
    own, _, rest = name.lstrip("+-").partition("__")
    try:
        field: Any = model._meta.pk if own == "pk" else model._meta.get_field(own)
    except FieldDoesNotExist:
        return None
    column: str | None = getattr(field, "column", None)
    if rest or (field.is_relation and own != field.attname and field.related_model._meta.ordering):
        # A related row may be equal to another in what it is ordered by.
        target = getattr(field, "target_field", None)
        return column if target is not None and rest in {"pk", target.name, target.attname} else None
    return column


def unique_sets(model: type[Model]) -> Iterator[frozenset[str]]:
    """Sets of columns in which no two rows of the model are equal."""
    meta: Any = model._meta
    yield frozenset(key.column for key in getattr(meta, "pk_fields", None) or [meta.pk])
    yield from (frozenset({field.column}) for field in meta.concrete_fields if field.unique and not field.null)
    constraints = (one for one in meta.constraints if isinstance(one, UniqueConstraint) and one.condition is None)
    together = [*meta.unique_together, *(one.fields for one in constraints)]
    for names in together:
        fields = [meta.get_field(name) for name in names]
        if fields and not any(field.null for field in fields):
            yield frozenset(field.column for field in fields)
