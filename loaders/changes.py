"""When something changes by the clock alone: the earliest of the candidates, in SQL and in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import DateTimeField, QuerySet

from loaders.errors import LarderError
from loaders.params import INSTANT, Param
from loaders.statement import Statement

if TYPE_CHECKING:
    from loaders.fetches import Fetch
    from loaders.resolutions import Computed

Changes = Callable[[Param], QuerySet[Any, Any] | Sequence[QuerySet[Any, Any]]]
"""From the operation instant to querysets of one column: instants at which rows of a fetch come, go or move.

They cover every row that the fetch could give, also those that it does not give yet. Instants that are null or not
after the operation instant do not count, so they need not be filtered out.
"""

NEVER = "TIMESTAMPTZ '9999-12-31 00:00:00+00'"
"""No later instant is told: PostgreSQL has some that Python has not."""

VOLATILE = re.compile(
    r"\b(?:now|random|random_normal|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|gen_random_uuid"
    r"|uuidv7|nextval|currval|txid_current|pg_current_xact_id|current_setting)\s*\("
    r"|\b(?:CURRENT_DATE|CURRENT_TIME|CURRENT_TIMESTAMP|LOCALTIME|LOCALTIMESTAMP)\b",
    re.IGNORECASE,
)


class ChangeUnknown(LarderError):
    """It cannot be told when a value changes."""


@lru_cache(maxsize=1024)
def earliest_sql(sources: tuple[Changes, ...]) -> Statement | None:
    """An SQL expression: the first candidate of all sources after the operation instant, null where there is none.

    None where there are no sources. With an index that starts with the candidates' column, each costs one look.
    """
    instant = Param(INSTANT, DateTimeField())
    parts: list[str] = []
    binds: list[Any] = []
    for source in sources:
        found = source(instant)
        for queryset in (found,) if isinstance(found, QuerySet) else found:
            text, own = candidates(queryset).query.sql_with_params()
            parts.append(f"(SELECT min(at_) FROM ({text}) AS candidate_(at_) WHERE at_ > %s::timestamptz)")
            binds += [*own, instant]
    if not parts:
        return None
    return Statement(f"NULLIF(LEAST({NEVER}, {', '.join(parts)}), {NEVER})", tuple(binds), ("changes_at",))


def candidates(queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The queryset without an order, which a minimum does not need."""
    return queryset if queryset.query.is_sliced else queryset.order_by()


def next_change(
    computed: Computed, calls: Iterable[tuple[Any, ...]], arguments: Mapping[str, Any], instant: datetime
) -> datetime | None:
    """The first change of a computed field, over the distinct values of its columns; None where it never changes.

    Raises ``ChangeUnknown`` where ``changes_at`` fails or names an instant that is not to come.
    """
    if computed.changes_at is None:
        raise ChangeUnknown(silent_value(computed))
    found: datetime | None = None
    for values in calls:
        try:
            at = computed.changes_at(*values, **arguments, **{INSTANT: instant})
            past = at is not None and at <= instant
            found = first_of(found, at)
        except Exception as error:
            raise ChangeUnknown(f"changes_at of {name_of(computed)} failed: {type(error).__name__}") from error
        if past:
            raise ChangeUnknown(f"{name_of(computed)} changes at {at}, which is not after {instant}")
    return found


def first_of(*instants: datetime | None) -> datetime | None:
    """The earliest, None being never."""
    return min((instant for instant in instants if instant is not None), default=None)


def name_of(computed: Computed) -> str:
    """The computed field's function by name."""
    return getattr(computed.function, "__name__", repr(computed.function))


def silent_value(computed: Computed) -> str:
    """Why the value cannot be kept."""
    return f"the computed value {name_of(computed)} reads the instant and does not tell when it changes"


def silent_fetch(fetch: Fetch) -> str:
    """Why the rows cannot be kept."""
    return f"the fetch {fetch.name} reads the instant and does not tell when it changes"


@lru_cache(maxsize=4096)
def volatile(sql: str) -> str | None:
    """What in a statement has another value each time, None where nothing has: a clock of its own, a random number."""
    found = VOLATILE.search(sql)
    return None if found is None else f"a statement that calls {found[0].rstrip(' (').lower()}"
