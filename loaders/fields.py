"""Strawberry fields that resolve through fetches, and the few ways to declare one.

Use ``larder_type`` for a Django model's type. A field without a declaration is a column or a relation of the model,
by its name; the rest is declared with ``fetched``, ``one_of``, ``each_of``, ``computed``, ``embedded``, ``lookup`` or
``listed``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import strawberry_django
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.utils.str_converters import to_camel_case
from strawberry_django.fields.field import StrawberryDjangoField

from loaders.choices import Choices, FetchEachOf, FetchOneOf
from loaders.directives.list_size import list_size, with_list_size
from loaders.fetching import FetchByArgument, FetchFromRow
from loaders.relations import relation_fetch
from loaders.resolutions import Column, Computed, Embedded, Resolution, with_heads

if TYPE_CHECKING:
    from loaders.fetches import Fetch


class FetchField(StrawberryDjangoField):
    """A field whose value comes from the row at hand or through a fetch, never through a model instance."""

    def __init__(
        self,
        *args: Any,
        declared: Resolution | None = None,
        takes: Sequence[StrawberryArgument] = (),
        **kwargs: Any,
    ) -> None:
        self.declared = declared
        self.takes = tuple(takes)
        super().__init__(*args, **kwargs)

    def __copy__(self) -> Self:
        field = super().__copy__()
        field.declared, field.takes = self.declared, self.takes
        field.__dict__.pop("resolution", None)
        return field

    @property
    def arguments(self) -> list[StrawberryArgument]:
        """Those declared; strawberry-django would add its own (``pk``, ``filters`` …), which no fetch honours."""
        return list(self.takes) if self.base_resolver is None else super().arguments

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        StrawberryDjangoField.arguments.fset(self, value)  # type: ignore[attr-defined]

    @property
    def is_basic_field(self) -> bool:
        """True lets strawberry call without building an Info, for fields that need none."""
        resolution = self.resolution
        return isinstance(resolution, Column) and not resolution.heads and not self.extensions and not self.takes

    @functools.cached_property
    def resolution(self) -> Resolution | None:
        """How the field gets its value; None for a resolver written by hand."""
        model: Any = None if self.origin_django_type is None else self.origin_django_type.model
        if self.declared is not None:
            found: Resolution = self.declared if model is None else with_heads(self.declared, model)
            return found
        if self.base_resolver is not None or model is None:
            return None
        name = self.django_name or self.python_name
        if self.is_relation:
            return FetchFromRow(relation_fetch(model, name))
        column: Column = with_heads(
            Column(model._meta.pk.attname if name == "pk" else model._meta.get_field(name).attname), model
        )
        return column

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """The field's value or an awaitable of it."""
        if self.resolution is None:
            return super().get_result(source, info, args, kwargs)
        arguments = {name: value for name, value in kwargs.items() if value is not UNSET}
        return self.resolution.resolve(source, info, arguments)


larder_type = functools.partial(strawberry_django.type, field_cls=FetchField)
"""``strawberry_django.type`` whose columns and relations go through fetches by themselves."""


def argument(name: str, type_: Any, description: str, *, graphql_name: str | None = None) -> StrawberryArgument:
    """An argument of a declared field; optional when its type admits None."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=graphql_name,
        type_annotation=StrawberryAnnotation(type_),
        description=description,
        default=UNSET,
    )


def resolved(
    declared: Resolution, description: str, *, takes: Sequence[StrawberryArgument] = (), **options: Any
) -> Any:
    """A field with a resolution made elsewhere.

    options: as of ``strawberry.field``: ``permission_classes``, ``extensions``, ``directives``, ``deprecation_reason``
    …; every declaration below takes them too, ``embedded`` only ``directives``.
    """
    return FetchField(declared=declared, takes=takes, description=description, **options)


def column(description: str, *, name: str | None = None, **kwargs: Any) -> Any:
    """A column or relation of the model with a description; ``name`` where the model's name differs."""
    return FetchField(description=description, django_name=name, **kwargs)


def fetched(fetch: Fetch, description: str, *, takes: Sequence[StrawberryArgument] = (), **options: Any) -> Any:
    """Rows by a declared fetch, keyed by the row at hand."""
    return resolved(FetchFromRow(fetch), description, takes=takes, **options)


def one_of(choices: Choices, description: str, *, takes: Sequence[StrawberryArgument] = (), **options: Any) -> Any:
    """An object of an interface or union type: the first row that the choices' to-one fetches find."""
    return resolved(FetchOneOf(choices), description, takes=takes, **options)


def each_of(
    choices: Choices,
    description: str,
    *,
    order: str | None = None,
    takes: Sequence[StrawberryArgument] = (),
    **options: Any,
) -> Any:
    """A list of an interface or union type: the rows of every choice's to-many fetch, by the column ``order``."""
    return resolved(FetchEachOf(choices, order), description, takes=takes, **options)


def lookup(
    fetch: Fetch, key: StrawberryArgument, description: str, *, read: Callable[[Any], Any] | None = None, **options: Any
) -> Any:
    """A root field: one row by an argument, or one per element of a list argument (null where there is none).

    read: argument value -> key of the fetch, or None for a key that cannot exist.
    """
    declared = FetchByArgument(fetch, key.python_name, read or (lambda value: value))
    if isinstance(unwrapped(key.type), StrawberryList):
        by = key.graphql_name or to_camel_case(key.python_name)
        options = with_list_size(list_size(by=[by]), options)
    return resolved(declared, description, takes=[key], **options)


def unwrapped(type_: Any) -> Any:
    """A type without its admission of null."""
    return type_.of_type if isinstance(type_, StrawberryOptional) else type_


def computed(
    function: Callable[..., Any],
    columns: Sequence[str],
    description: str,
    *,
    takes: Sequence[StrawberryArgument] = (),
    reads_instant: bool = False,
    plain: str | None = None,
    changes_at: Callable[..., datetime | None] | None = None,
    heads: Sequence[str] | None = None,
    **options: Any,
) -> Any:
    """A pure function of columns (passed in that order), arguments and, if asked for, the operation instant.

    plain: the column whose value it is where no argument is given, so that the others need not be read.
    changes_at, heads: when the value changes by the clock alone, and what it depends on beyond its tables: see
    ``Computed``.
    """
    own = None if heads is None else tuple(heads)
    declared = Computed(function, tuple(columns), reads_instant, plain, changes_at, own)
    return resolved(declared, description, takes=takes, **options)


def embedded(
    as_type: Callable[..., Any],
    description: str,
    *,
    unless_null: Sequence[str] = (),
    directives: Sequence[object] = (),
    **parts: str | Column | Computed | Embedded,
) -> Any:
    """An object made of the row at hand; a part given as text is a column."""
    return resolved(embedding(as_type, unless_null=unless_null, **parts), description, directives=directives)


def embedding(
    as_type: Callable[..., Any], *, unless_null: Sequence[str] = (), **parts: str | Column | Computed | Embedded
) -> Embedded:
    """The resolution behind ``embedded``, for nesting."""
    made: Mapping[str, Column | Computed | Embedded] = {
        name: Column(part) if isinstance(part, str) else part for name, part in parts.items()
    }
    return Embedded(as_type, made, tuple(unless_null))
