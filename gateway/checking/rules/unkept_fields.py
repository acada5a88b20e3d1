"""Fields with which no answer is kept: nobody knows when they change."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from loaders.changes import silent_fetch, silent_value, volatile
from loaders.fetches import Fetch
from plans.cacheable import computed_of


def find(project: Project) -> Iterator[Found]:
    """What reads the instant and does not tell when it changes, and statements that have a clock or dice of their own.

    A fetch where it is declared, a computed value where its field is.
    """
    for read in project.reads:
        if isinstance(read.source, Fetch) and read.source.reads_instant and read.source.changes is None:
            yield Found(
                read.place,
                read.name,
                f"no answer with it is kept: {silent_fetch(read.source)}",
                "tell it with `changes=` (docs/plans.md, What an answer depends on)",
            )
        texts = (str(queryset.values_list("pk").query.sql_with_params()[0]) for queryset in read.querysets)
        called = next((found for text in texts if (found := volatile(text))), None)
        if called is not None:
            yield Found(
                read.place,
                read.name,
                f"no answer with it is kept: it is {called}",
                "take the operation instant instead: `reads_instant=True`, with `changes=`",
            )
    for each in project.fields:
        for computed in computed_of(each.resolution):
            if computed.reads_instant and computed.changes_at is None:
                yield Found(
                    each.place,
                    each.label,
                    f"no answer with it is kept: {silent_value(computed)}",
                    "tell it with `changes_at=` (docs/plans.md, What an answer depends on)",
                )
