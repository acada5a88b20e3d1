"""Lists of rows without a page size, of which nobody said how long they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLList, GraphQLNonNull

from gateway.checking.findings import Found
from gateway.checking.project import DeclaredField, Project
from gateway.delivery.tables import sources
from loaders.directives.list_size import ListSize
from loaders.fetches import Fetch

SIZES = {"first", "last", "limit"}
"""Parameters of a fetch that are the size of a page."""

ADVICE = "make it a connection (`listed`), or tell how long it is: `directives=[list_size(10)]` (docs/limits.md)"


def find(project: Project) -> Iterator[Found]:
    """Each field that gives all rows of a to-many fetch."""
    for each in project.fields:
        if is_list(each.field.type) and has_many(each) and not is_bounded(each):
            yield Found(each.place, each.label, "it gives every row, however many there are", ADVICE)


def is_list(kind: Any) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def has_many(each: DeclaredField) -> bool:
    """Whether a fetch may give several rows for one key."""
    return any(isinstance(source, Fetch) and source.many for source in sources(each.resolution))


def is_bounded(each: DeclaredField) -> bool:
    """Whether it is told how long the list is: by ``@listSize``, or by a parameter or a LIMIT of each fetch."""
    if any(isinstance(directive, ListSize) for directive in each.declared.directives):
        return True
    return all(is_limited(source) for source in sources(each.resolution) if isinstance(source, Fetch))


def is_limited(fetch: Fetch) -> bool:
    return bool(SIZES & set(fetch.params)) or fetch.queryset(tuple(fetch.params)).query.high_mark is not None
