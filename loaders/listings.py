"""Listings: long lists, paged by keyset. Page 1,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Expression, Field, IntegerField, Model, QuerySet

from loaders.cursors import fingerprint
from loaders.errors import BadCursor, DeclarationError
from loaders.facets import Facet, check_facets, facet_params, facet_values
from loaders.fetches import STATEMENTS
from loaders.keyset import RowCompare
from loaders.laterals import field_at, for_each_key, key_at_hand
from loaders.params import Param, keys_param
from loaders.recent import Recent
from loaders.statement import Statement, compile_queryset, with_limit
from loaders.viewer import ANONYMOUS, Viewer

LIMIT = "limit_"
COUNT_CAP = 10_000
"""Up to this many rows a total is counted; above it, estimated by the planner."""


@dataclass(frozen=True, eq=False)
class Listing:
    """A filtered list with a total order.

    ``build`` takes one ``Param`` or None per parameter, one ``Param`` per facet, and returns an unordered queryset.
    ``order``: columns or annotations, all ascending or all (``-``) descending, none of them null; the primary key is
    added as the last one. ``kinds``: model fields that give the type of ordered annotations.
    """

    name: str
    model: type[Model]
    order: tuple[str, ...]
    build: Callable[[Mapping[str, Param | None]], QuerySet[Any, Any]]
    params: Mapping[str, Field[Any, Any]] = field(default_factory=dict)
    facets: Mapping[str, Facet] = field(default_factory=dict)
    kinds: Mapping[str, Field[Any, Any]] = field(default_factory=dict)
    clean: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    statements: Recent[Statement] = field(default_factory=lambda: Recent(STATEMENTS), repr=False)

    def __post_init__(self) -> None:
        check_facets(self.name, self.facets, self.params)
        if len({path.startswith("-") for path in self.order}) != 1:
            msg = f"{self.name}: a keyset order must go one way in all its columns, not {', '.join(self.order)}"
            raise DeclarationError(msg)
        for column in self.columns:
            if self.kind(column).null:
                msg = f"{self.name}: a keyset order must not hold nullable columns such as {column}"
                raise DeclarationError(msg)

    @property
    def descending(self) -> bool:
        """Whether the order runs downwards."""
        return self.order[0].startswith("-")

    @property
    def columns(self) -> tuple[str, ...]:
        """The ordering key's columns, the primary key last unless the order names it."""
        key = self.model._meta.pk.attname
        return tuple(dict.fromkeys((*(path.lstrip("-") for path in self.order), key)))

    def kind(self, column: str) -> Field[Any, Any]:
        """The field that gives an ordering column its type."""
        model: Any = self.model
        found: Field[Any, Any] = self.kinds.get(column) or model._meta.get_field(column)
        return found

    def given(self, arguments: Mapping[str, Any], viewer: Viewer = ANONYMOUS) -> dict[str, Any]:
        """The filters that have a value, cleaned, and the viewer's value of every facet.

        Raises ``ClientError`` for a value that does not do.
        """
        given = {
            name: self.clean.get(name, _as_given)(arguments[name])
            for name in self.params
            if arguments.get(name) is not None
        }
        return {**given, **facet_values(self.facets, viewer)} if self.facets else given

    def fingerprint(self, given: Mapping[str, Any]) -> str:
        """What a cursor of this list, with these filters, carries."""
        return fingerprint(
            self.name, self.order, {name: getattr(value, "value", value) for name, value in given.items()}
        )

    def position(self, values: Sequence[str]) -> dict[str, Any]:
        """A cursor's values as the parameters of ``page``. Raises ``BadCursor`` for values of the wrong type."""
        try:
            return {
                f"after_{column}": self.kind(column).to_python(value)
                for column, value in zip(self.columns, values, strict=True)
            }
        except ValidationError as error:
            msg = f"the cursor's values {', '.join(values)} do not fit the order of {self.name}"
            raise BadCursor(msg) from error

    def filtered(self, given: Sequence[str]) -> QuerySet[Any, Any]:
        """The list's rows, unordered."""
        filters = {name: Param(name, kind) if name in given else None for name, kind in self.params.items()}
        return self.build({**filters, **facet_params(self.facets)})

    def page(self, columns: tuple[str, ...], given: tuple[str, ...], *, after: bool, backward: bool) -> Statement:
        """SQL of one page: the ordering key's columns first, then ``columns``; ``limit_`` rows from a position on."""
        return self.statements.get(
            ("page", columns, given, after, backward),
            lambda: self._page(columns, given, after=after, downwards=self.descending != backward),
        )

    def count(self, given: tuple[str, ...]) -> Statement:
        """SQL that counts the rows, at most ``limit_`` of them."""
        return self._count(self._keys(given))

    def page_by_key(
        self,
        columns: tuple[str, ...],
        given: tuple[str, ...],
        key_path: str,
        *,
        after: bool,
        backward: bool,
        keys: Expression | None = None,
    ) -> Statement:
        """SQL of one page for each key, of the rows whose ``key_path`` is that key: the key first, then as ``page``.

        keys: an expression that yields an array of keys; if None, the parameter ``keys``.
        """
        if keys is None:
            return self.statements.get(
                ("page by key", columns, given, key_path, after, backward),
                lambda: self.page_by_key(
                    columns, given, key_path, after=after, backward=backward, keys=self._keys_param(key_path)
                ),
            )
        downwards = self.descending != backward
        inner = self._page(columns, given, after=after, downwards=downwards, key_path=key_path)
        return for_each_key(keys, inner, ["DESC" if downwards else "ASC"] * len(self.columns))

    def count_by_key(self, given: tuple[str, ...], key_path: str, *, keys: Expression | None = None) -> Statement:
        """SQL that counts the rows of each key, at most ``limit_`` of them: (key, count) for every key."""
        return for_each_key(keys or self._keys_param(key_path), self._count(self._keys(given, key_path)))

    def estimate(self, given: tuple[str, ...]) -> Statement:
        """SQL that asks the planner how many rows it expects."""
        inner = self._keys(given)
        return Statement(f"EXPLAIN (FORMAT JSON) {inner.text}", inner.binds, ("plan",))

    def _page(
        self, columns: tuple[str, ...], given: tuple[str, ...], *, after: bool, downwards: bool, key_path: str = ""
    ) -> Statement:
        queryset = self._of_key(self.filtered(given), key_path)
        if after:
            position = [Param(f"after_{column}", self.kind(column)) for column in self.columns]
            queryset = queryset.filter(RowCompare(self.columns, "<" if downwards else ">", position))
        queryset = queryset.order_by(*(f"-{column}" if downwards else column for column in self.columns))
        selected = tuple(dict.fromkeys((*self.columns, *columns)))
        return with_limit(compile_queryset(queryset, selected), Param(LIMIT, IntegerField()))

    def _count(self, rows: Statement) -> Statement:
        inner = with_limit(rows, Param(LIMIT, IntegerField()))
        return Statement(f"SELECT count(*) FROM ({inner.text}) rows", inner.binds, ("count",))

    def _keys(self, given: tuple[str, ...], key_path: str = "") -> Statement:
        return self.statements.get(
            ("keys", given, key_path),
            lambda: compile_queryset(
                self._of_key(self.filtered(given), key_path).order_by(), (self.model._meta.pk.attname,)
            ),
        )

    def _keys_param(self, key_path: str) -> Param:
        return keys_param(field_at(self.model, key_path))

    def _of_key(self, queryset: QuerySet[Any, Any], key_path: str) -> QuerySet[Any, Any]:
        return queryset.filter(**{key_path: key_at_hand(field_at(self.model, key_path))}) if key_path else queryset


def declared_listing(
    model: type[Model],
    *,
    order: Sequence[str],
    params: Mapping[str, Field[Any, Any]] | None = None,
    facets: Mapping[str, Facet] | None = None,
    kinds: Mapping[str, Field[Any, Any]] | None = None,
    clean: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Callable[[Callable[..., QuerySet[Any, Any]]], Listing]:
    """Declare a listing: the decorated function returns its rows, from one keyword argument per parameter.

    facets: name -> what the listing reads of the viewer under it; a cursor holds for the same values of them only.
    clean: parameter name -> a function that returns its value as it is to be used, or raises ``ClientError``.
    """

    def declare(function: Callable[..., QuerySet[Any, Any]]) -> Listing:
        return Listing(
            name=function.__name__,
            model=model,
            order=tuple(order),
            build=lambda arguments: function(**arguments),
            params=params or {},
            facets=facets or {},
            kinds=kinds or {},
            clean=clean or {},
        )

    return declare


def _as_given(value: Any) -> Any:
    return value
