"""Fetches: keyed, set-based SQL statements. Keys in, rows out, grouped by key.

Django's ORM only builds the SQL, once for each set of wanted columns and each set of given arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Field, ForeignKey, Model, QuerySet

from loaders.changes import Changes
from loaders.errors import BadArgument, DeclarationError
from loaders.facets import Facet, check_facets, facet_params, facet_values
from loaders.params import INSTANT, Param, keys_param
from loaders.recent import Recent
from loaders.rows import KEY
from loaders.statement import Statement, compile_queryset
from loaders.viewer import ANONYMOUS, Viewer

ALL = "all"
"""The only key of a fetch without a key path."""

STATEMENTS = 256
"""How many statements a fetch or a listing remembers."""

Build = Callable[[Mapping[str, Param | None]], QuerySet[Any, Any]]


@dataclass(frozen=True, eq=False)
class Fetch:
    """How rows of ``model`` are found by keys; without a ``key_path`` the fetch has one key, ``ALL``.

    ``build`` takes one ``Param`` per given argument (None where none is given) and one per facet, and returns a
    queryset over any model, ordered, with a unique last ordering key; it may branch on presence only. ``key_path`` is
    the path in that queryset to the column that is compared with the keys, ``prefix`` the path to ``model`` (empty
    when the queryset is over it). Several rows of one key keep the queryset's order; with ``many`` false the first one
    counts.
    """

    name: str
    model: type[Model]
    parent_column: str
    key_path: str | None
    many: bool
    build: Build
    prefix: str = ""
    params: Mapping[str, Field[Any, Any]] = field(default_factory=dict)
    facets: Mapping[str, Facet] = field(default_factory=dict)
    reads_instant: bool = False
    changes: Changes | None = None
    empty_when_missing: bool = False
    heads: tuple[str, ...] = ()
    statements: Recent[Statement] = field(default_factory=lambda: Recent(STATEMENTS), repr=False)

    def __post_init__(self) -> None:
        check_facets(self.name, self.facets, self.params)

    def given(self, arguments: Mapping[str, Any], viewer: Viewer = ANONYMOUS) -> dict[str, Any]:
        """The arguments that have a value, and the viewer's value of every facet, by name."""
        given = {name: arguments[name] for name in self.params if arguments.get(name) is not None}
        return {**given, **facet_values(self.facets, viewer)} if self.facets else given

    def statement(self, columns: tuple[str, ...], given: Sequence[str] = ()) -> Statement:
        """The SQL for these columns and these given arguments; its first column is the key."""
        return self.statements.get((columns, tuple(given)), lambda: self.compile(columns, given))

    def compile(self, columns: tuple[str, ...], given: Sequence[str]) -> Statement:
        """Build the queryset for this presence vector and let Django compile it."""
        wanted = [f"{self.prefix}{column}" for column in columns]
        if self.key_path is None:
            return compile_queryset(self.queryset(given), tuple(wanted))
        selected = tuple(dict.fromkeys((self.key_path, *wanted)))
        keyed = self.queryset(given).filter(**{f"{self.key_path}__any_of": keys_param(self.key_field)})
        compiled = compile_queryset(keyed, selected)
        names = [path.removeprefix(self.prefix) for path in selected]
        if self.key_path not in wanted:
            names[0] = KEY
        return Statement(compiled.text, compiled.binds, tuple(names))

    def queryset(self, given: Sequence[str] = ()) -> QuerySet[Any, Any]:
        """The queryset for this presence vector, before the keys."""
        arguments: dict[str, Param | None] = {
            name: Param(name, output_field) if name in given else None for name, output_field in self.params.items()
        }
        arguments.update(facet_params(self.facets))
        if self.reads_instant:
            arguments[INSTANT] = Param(INSTANT, DateTimeField())
        return self.build(arguments)

    @cached_property
    def key_field(self) -> Field[Any, Any]:
        """The model field behind ``key_path``."""
        model: Any = self.queryset().model
        *path, last = (self.key_path or "pk").split("__")
        for step in path:
            model = model._meta.get_field(step).related_model
        found: Field[Any, Any] = model._meta.pk if last == "pk" else model._meta.get_field(last)
        return found

    def key(self, value: Any) -> Any:
        """``value`` as the key column's own type, so that ``1`` and ``"1"`` are one key; raises ``BadArgument``."""
        if self.key_path is None:
            return ALL
        column = self.key_field
        while isinstance(column, ForeignKey):
            column = column.target_field
        try:
            return column.to_python(value)
        except ValidationError as error:
            msg = f"{self.name}: {value!r} is not a {column.get_internal_type()} key"
            raise BadArgument(msg) from error


def declared_fetch(  # noqa: PLR0913 - a declaration's parts, by name
    model: type[Model],
    *,
    key: str | None,
    parent: str = "id",
    many: bool = True,
    params: Mapping[str, Field[Any, Any]] | None = None,
    facets: Mapping[str, Facet] | None = None,
    reads_instant: bool = False,
    changes: Changes | None = None,
    empty_when_missing: bool = False,
    heads: Sequence[str] = (),
) -> Callable[[Callable[..., QuerySet[Any, Any]]], Fetch]:
    """Declare a fetch: the decorated function returns the queryset, from one keyword argument per parameter.

    key: path to the column that is compared with the parent's column ``parent``; None: the fetch needs no key.
    params: argument name -> model field that gives its SQL type. Each arrives as a ``Param``, or None where not given.
    facets: name -> what the fetch reads of the viewer under it. Each arrives as a ``Param``, always.
    reads_instant: also pass the operation instant, as ``instant``.
    changes: when rows come, go or move by the clock alone (see ``Changes``); without it, an answer with rows of a fetch
    that reads the instant cannot be kept.
    heads: what the rows depend on beyond the tables that the statement names.
    empty_when_missing: a key without a row gives a row of nulls rather than null.
    Returns: the fetch, named after the function.
    """

    def declare(function: Callable[..., QuerySet[Any, Any]]) -> Fetch:
        if INSTANT in (params or {}):
            msg = f"{function.__name__}: the parameter name {INSTANT!r} is the engine's own"
            raise DeclarationError(msg)
        return Fetch(
            name=function.__name__,
            model=model,
            parent_column=parent,
            key_path=key,
            many=many,
            build=lambda arguments: function(**arguments),
            params=params or {},
            facets=facets or {},
            reads_instant=reads_instant,
            changes=changes,
            empty_when_missing=empty_when_missing,
            heads=(model._meta.db_table, *heads),
        )

    return declare
