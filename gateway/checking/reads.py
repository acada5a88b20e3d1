"""The fetches and listings of a schema, and the SQL that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Model, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.where import WhereNode
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from gateway.checking.findings import Place
from gateway.checking.places import function_place
from gateway.delivery.tables import sources
from loaders.connections import ListFromRow
from loaders.fetches import Fetch
from loaders.laterals import field_at
from loaders.listings import Listing
from loaders.params import KEYS, AnyOf, Param, keys_param

if TYPE_CHECKING:
    from gateway.checking.project import DeclaredField

Presence = tuple[str, ...]

KeyColumn = tuple[type[Model], Any]
"""A model and the field of it whose column is meant."""


@dataclass(eq=False)
class Read:
    """A fetch, or a listing as its fields read it: whole, or by the key at ``key_path``.

    place: where it is declared, else the first field that reads through it. presences: the sets of arguments with which
    it is looked at: those that a field requires, and all.
    """

    source: Fetch | Listing
    key_path: str | None
    place: Place
    labels: list[str] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the fetch or the listing, and a field that reads through it; a relation is its field."""
        first, more = self.labels[0], len(self.labels) - 1
        others = f" and {more} more" if more else ""
        return f"{first}{others}" if self.source.name == first else f"{self.source.name} ({first}{others})"

    @cached_property
    def broken(self) -> str | None:
        """Why its SQL cannot be built, None where it can."""
        for given in self.presences:
            try:
                self.compile(given)
            except Exception as error:  # noqa: BLE001 - whatever a function of the project's own raises
                return f"{type(error).__name__}: {' '.join(str(error).split())}"
        return None

    @cached_property
    def querysets(self) -> list[QuerySet[Any, Any]]:
        """Its rows, before keys and pages; none where they cannot be built."""
        if self.broken is not None:
            return []
        return [self.rows(given) for given in self.presences]

    @cached_property
    def keys(self) -> list[KeyColumn]:
        """The columns that the store has to find rows by, each with its model: the key's, and those of joins to it."""
        return list(dict.fromkeys(found for queryset in self.querysets for found in keyed(queryset, self.key_path)))

    def rows(self, given: Presence) -> QuerySet[Any, Any]:
        source = self.source
        return source.filtered(given) if isinstance(source, Listing) else source.queryset(given)

    def compile(self, given: Presence) -> None:
        source = self.source
        if isinstance(source, Fetch):
            source.statement(("pk",) if not source.queryset(given).query.group_by else (), given)
        elif self.key_path is None:
            source.page((), given, after=False, backward=False)
        else:
            source.page_by_key((), given, self.key_path, after=False, backward=False)


def reads(fields: Iterable[DeclaredField]) -> tuple[Read, ...]:
    """The fetches and listings behind the fields, each once."""
    found: dict[Any, Read] = {}
    for each in fields:
        resolution = each.resolution
        for source in sources(resolution):
            if isinstance(source, Listing):
                key_path = resolution.key_path if isinstance(resolution, ListFromRow) else None
            else:
                key_path = source.key_path
            read = found.get((source, key_path))
            if read is None:
                place = function_place(source.build) or each.place
                read = found[source, key_path] = Read(source, key_path, place)
            read.labels.append(each.label)
            read.presences = list(dict.fromkeys([*read.presences, *presences(each.declared, source.params)]))
    return tuple(found.values())


def presences(declared: StrawberryField, params: Iterable[str]) -> list[Presence]:
    """The arguments of a fetch that a field requires, and all of them."""
    required = {one.python_name for one in declared.arguments if not isinstance(one.type, StrawberryOptional)}
    return list(dict.fromkeys([tuple(name for name in params if name in required), tuple(params)]))


def keyed(queryset: QuerySet[Any, Any], key_path: str | None) -> Iterator[KeyColumn]:
    """The columns by which rows of a key are found, as Django joins: the key's, then one for each join on the way."""
    field_found = None if key_path is None else field_at(queryset.model, key_path)
    if field_found is None or isinstance(field_found, ArrayField):
        return
    query = queryset.filter(**{f"{key_path}__any_of": keys_param(field_found)}).query
    for lookup in lookups(query.where):
        if isinstance(lookup, AnyOf) and isinstance(lookup.rhs, Param) and lookup.rhs.name == KEYS:
            column: Any = lookup.lhs
            yield column.target.model, column.target
            yield from joined(query, column.alias)


def joined(query: Query, alias: str) -> Iterator[KeyColumn]:
    """The columns that lead from a joined table back to the rows themselves."""
    tables: Mapping[str, Any] = query.alias_map
    while (parent := tables[alias].parent_alias) is not None:
        for near, _ in tables[alias].join_fields or ():
            yield near.model, near
        alias = parent


def lookups(where: WhereNode) -> Iterator[Any]:
    """What a condition compares, on whatever level."""
    for child in where.children:
        if isinstance(child, WhereNode):
            yield from lookups(child)
        else:
            yield child
