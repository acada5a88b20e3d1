"""Resolutions of fields whose type is an interface or a union: rows of one fetch or another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from strawberry.types.lazy_type import LazyType
from strawberry_django.utils.typing import unwrap_type

from loaders.errors import DeclarationError
from loaders.loader import loader_for
from loaders.selection import needed_columns
from loaders.viewer import viewer_of

if TYPE_CHECKING:
    from loaders.fetches import Fetch
    from loaders.loader import FetchLoader

Choices = Mapping[str, tuple[type | LazyType[Any, Any], "Fetch"]]
"""GraphQL type name -> (its strawberry type, the fetch of its rows), in the order of preference.

A type that is not defined yet is named: ``LazyType("Book", "shop.schema")``.
"""


@cache
def type_of(choice: type | LazyType[Any, Any]) -> type:
    """The strawberry type itself, imported if only named."""
    found: type = unwrap_type(choice)
    return found


@dataclass(frozen=True, slots=True)
class FetchOneOf:
    """The first row that the to-one fetches of ``choices`` find, each keyed by a column of the row at hand."""

    choices: Choices

    def __post_init__(self) -> None:
        for fetch in fetches_of(self.choices):
            if fetch.many or fetch.empty_when_missing:
                raise DeclarationError(f"{fetch.name} does not give one row or none, so a choice cannot be made by it")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold the keys."""
        return parent_columns(self.choices)

    async def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> Any:
        """The row, or None where every key is null or nobody's. All keys are looked up at once."""
        found = await asyncio.gather(*loads(self.choices, row, info, arguments))
        return next((one for one in found if one is not None), None)


@dataclass(frozen=True, slots=True)
class FetchEachOf:
    """The rows of every to-many fetch of ``choices``, each keyed by a column of the row at hand.

    They come choice by choice, or by ``order``: a column that every choice's model has and that is never null,
    ascending as Python compares (text by code points); ties in the order of the choices, then in the fetch's own.
    """

    choices: Choices
    order: str | None = None

    def __post_init__(self) -> None:
        for fetch in fetches_of(self.choices):
            if not fetch.many:
                raise DeclarationError(f"{fetch.name} gives one row, not a list to be joined with others")
            if self.order is not None:
                check_order(fetch, self.order)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold the keys."""
        return parent_columns(self.choices)

    async def resolve(self, row: Any, info: Any, arguments: Mapping[str, Any]) -> list[Any]:
        """The rows. All keys are looked up at once."""
        more = () if self.order is None else (self.order,)
        lists = await asyncio.gather(*loads(self.choices, row, info, arguments, more))
        rows = [found for found_rows in lists for found in found_rows]
        if self.order is not None:
            rows.sort(key=lambda found: getattr(found, self.order or ""))
        return rows


def fetches_of(choices: Choices) -> Iterator[Fetch]:
    return (fetch for _, fetch in choices.values())


def parent_columns(choices: Choices) -> tuple[str, ...]:
    """The columns of the row at hand that hold the choices' keys, none twice."""
    return tuple(dict.fromkeys(fetch.parent_column for fetch in fetches_of(choices)))


def check_order(fetch: Fetch, order: str) -> None:
    """Raise ``DeclarationError`` unless ``order`` is a column of the fetch's model without nulls."""
    try:
        field: Any = fetch.model._meta.get_field(order)
    except FieldDoesNotExist as error:
        raise DeclarationError(f"{fetch.name}: {fetch.model.__name__} has no column {order} to be sorted by") from error
    if field.null:
        raise DeclarationError(f"{fetch.name}: rows cannot be sorted by the nullable column {order}")


def loads(
    choices: Choices, row: Any, info: Any, arguments: Mapping[str, Any], more_columns: tuple[str, ...] = ()
) -> list[asyncio.Future[Any]]:
    """A future for each choice whose key is not null, in the order of the choices."""
    keys = [(choice, fetch, getattr(row, fetch.parent_column)) for choice, fetch in choices.values()]
    return [
        choice_loader(type_of(choice), fetch, info, arguments, more_columns).load(key, info)
        for choice, fetch, key in keys
        if key is not None
    ]


def choice_loader(
    as_type: type, fetch: Fetch, info: Any, arguments: Mapping[str, Any], more_columns: tuple[str, ...] = ()
) -> FetchLoader:
    """The loader of one choice, for the columns that the selections need of its type and ``more_columns``."""
    session = info.context.session
    columns = needed_columns(info, session, as_type)
    if not set(more_columns) <= set(columns):
        columns = tuple(sorted({*columns, *more_columns}))
    return loader_for(session, fetch, as_type, columns, arguments, viewer_of(info.context, fetch.facets))
