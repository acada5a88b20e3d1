"""Rows: what a fetch hands to resolvers. Tuples with column names and the type they stand for, no model instances."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

KEY = "key_"
"""Name of a row's first value when its key is not itself one of the wanted columns."""


@lru_cache(maxsize=4096)
def row_class(as_type: type | None, columns: tuple[str, ...]) -> type[tuple[Any, ...]]:
    """A tuple class with ``columns`` as attributes, recognised by strawberry as ``as_type``."""
    name = f"{as_type.__name__ if as_type else ''}Row"
    base = namedtuple(name, columns)  # type: ignore[misc]  # noqa: PYI024 - the columns are data
    return type(name, (base,), {"__slots__": (), "__as_strawberry_type__": as_type})


def maker(as_type: type | None, columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    """A function from one fetched tuple to its row."""
    if not columns:
        # Asked for no column, Django selects them all.
        nothing = empty_row(as_type, ())
        return lambda _: nothing
    return row_class(as_type, columns)._make  # type: ignore[attr-defined,no-any-return]


def empty_row(as_type: type | None, columns: tuple[str, ...]) -> Any:
    """A row of nulls: what stands for a row that the store does not have."""
    return row_class(as_type, columns)._make([None] * len(columns))  # type: ignore[attr-defined]
