"""Listings: long lists, paged by keyset. Page 1,000 costs what page 1 costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Field, Func, IntegerField, Model, QuerySet

from loaders.cursors import fingerprint
from loaders.errors import BadCursor, DeclarationError
from loaders.fetches import STATEMENTS
from loaders.params import Param
from loaders.recent import Recent
from loaders.statement import Statement, compile_queryset, with_limit

LIMIT = "limit_"
COUNT_CAP = 10_000
"""Up to this many rows a total is counted; above it, estimated by the planner."""


class RowCompare(Func):
    """``(a, b) > (x, y)``: one range of a composite index."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns: Sequence[str], operator: str, values: Sequence[Param]) -> None:
        half = len(columns)
        self.pattern = f"({', '.join(['%s'] * half)}) {operator} ({', '.join(['%s'] * half)})"
        super().__init__(*(F(column) for column in columns), *values)

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:  # type: ignore[override]  # noqa: ARG002 - Django's signature
        """Compile every side into the pattern."""
        parts, params = [], []
        for expression in self.get_source_expressions():
            sql, bound = compiler.compile(expression)
            parts.append(sql)
            params.extend(bound)
        return self.pattern % tuple(parts), params


@dataclass(frozen=True, eq=False)
class Listing:
    """A filtered list with a total order.

    ``build`` takes one ``Param`` or None per parameter and returns an unordered queryset. ``order``: columns or
    annotations, all ascending or all (``-``) descending, none of them null; the primary key is added as the last one.
    ``kinds``: model fields that give the type of ordered annotations.
    """

    name: str
    model: type[Model]
    order: tuple[str, ...]
    build: Callable[[Mapping[str, Param | None]], QuerySet[Any, Any]]
    params: Mapping[str, Field[Any, Any]] = field(default_factory=dict)
    kinds: Mapping[str, Field[Any, Any]] = field(default_factory=dict)
    clean: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    statements: Recent[Statement] = field(default_factory=lambda: Recent(STATEMENTS), repr=False)

    def __post_init__(self) -> None:
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
        """The ordering key's columns, the primary key last."""
        return (*(path.lstrip("-") for path in self.order), self.model._meta.pk.attname)

    def kind(self, column: str) -> Field[Any, Any]:
        """The field that gives an ordering column its type."""
        model: Any = self.model
        found: Field[Any, Any] = self.kinds.get(column) or model._meta.get_field(column)
        return found

    def given(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The filters that have a value, cleaned. Raises ``ClientError`` for a value that does not do."""
        return {
            name: self.clean.get(name, _as_given)(arguments[name])
            for name in self.params
            if arguments.get(name) is not None
        }

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
        return self.build({name: Param(name, kind) if name in given else None for name, kind in self.params.items()})

    def page(self, columns: tuple[str, ...], given: tuple[str, ...], *, after: bool, backward: bool) -> Statement:
        """SQL of one page: the ordering key's columns first, then ``columns``; ``limit_`` rows from a position on."""
        return self.statements.get(
            ("page", columns, given, after, backward),
            lambda: self._page(columns, given, after=after, downwards=self.descending != backward),
        )

    def count(self, given: tuple[str, ...]) -> Statement:
        """SQL that counts the rows, at most ``limit_`` of them."""
        inner = with_limit(self._keys(given), Param(LIMIT, IntegerField()))
        return Statement(f"SELECT count(*) FROM ({inner.text}) rows", inner.binds, ("count",))

    def estimate(self, given: tuple[str, ...]) -> Statement:
        """SQL that asks the planner how many rows it expects."""
        inner = self._keys(given)
        return Statement(f"EXPLAIN (FORMAT JSON) {inner.text}", inner.binds, ("plan",))

    def _page(self, columns: tuple[str, ...], given: tuple[str, ...], *, after: bool, downwards: bool) -> Statement:
        queryset = self.filtered(given)
        if after:
            position = [Param(f"after_{column}", self.kind(column)) for column in self.columns]
            queryset = queryset.filter(RowCompare(self.columns, "<" if downwards else ">", position))
        queryset = queryset.order_by(*(f"-{column}" if downwards else column for column in self.columns))
        selected = tuple(dict.fromkeys((*self.columns, *columns)))
        return with_limit(compile_queryset(queryset, selected), Param(LIMIT, IntegerField()))

    def _keys(self, given: tuple[str, ...]) -> Statement:
        return self.statements.get(
            ("keys", given),
            lambda: compile_queryset(self.filtered(given).order_by(), (self.model._meta.pk.attname,)),
        )


def declared_listing(
    model: type[Model],
    *,
    order: Sequence[str],
    params: Mapping[str, Field[Any, Any]] | None = None,
    kinds: Mapping[str, Field[Any, Any]] | None = None,
    clean: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Callable[[Callable[..., QuerySet[Any, Any]]], Listing]:
    """Declare a listing: the decorated function returns its rows, from one keyword argument per parameter.

    clean: parameter name -> a function that returns its value as it is to be used, or raises ``ClientError``.
    """

    def declare(function: Callable[..., QuerySet[Any, Any]]) -> Listing:
        return Listing(
            name=function.__name__,
            model=model,
            order=tuple(order),
            build=lambda arguments: function(**arguments),
            params=params or {},
            kinds=kinds or {},
            clean=clean or {},
        )

    return declare


def _as_given(value: Any) -> Any:
    return value
