"""Columns that a node's rows must have, and what is known of them."""

from __future__ import annotations

from django.db.models import Model

from loaders.fetches import Fetch
from plans.kinds import HASHED, HASHED_WELL, kind_of, kind_of_field
from plans.tree import FetchNode, Node, PageNode

WORTH_REMEMBERING = 2
"""A function of fewer columns is not remembered: its results hardly repeat, or it costs less than looking."""


def need(owner: Node, column: str) -> str:
    """Have the rows of ``owner`` carry ``column``."""
    owner.columns[column] = None
    return column


def model_of(owner: Node) -> type[Model]:
    """The model whose rows a node fetches."""
    return owner.fetch.model if isinstance(owner, FetchNode) else owner.listing.model


def castable(owner: Node) -> bool:
    """Whether a column may be selected as text: not where the statement groups by what it selects."""
    if isinstance(owner, PageNode):
        return True
    return owner.fetch.queryset().query.group_by is None


def kind_of_key(fetch: Fetch) -> str | None:
    """The kind of a fetch's keys."""
    return None if fetch.key_path is None else kind_of_field(fetch.key_field)


def hashes(owner: Node, columns: tuple[str, ...]) -> bool:
    """Whether values of all the columns are known to hash."""
    return all(kind_of(model_of(owner), column) in HASHED for column in columns)


def repeats(owner: Node, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns that decide the others and hash well: a path over a foreign key is decided by the key itself."""
    model = model_of(owner)
    deciding = dict.fromkeys(
        model._meta.get_field(column.partition("__")[0]).attname if "__" in column else column  # type: ignore[union-attr]
        for column in columns
    )
    if len(columns) < WORTH_REMEMBERING or not all(kind_of(model, column) in HASHED_WELL for column in deciding):
        return ()
    for column in deciding:
        need(owner, column)
    return tuple(deciding)
