"""Statements outside any fetch: what Django's own connections run while an operation is answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.signals import connection_created

from loaders.recording import asked_by, is_recording, record

TRANSACTION = re.compile(r"\s*(?:BEGIN|COMMIT|RELEASE|ROLLBACK|SAVEPOINT|SET)\b", re.IGNORECASE)
CATALOG = re.compile(r"\s*SELECT\b(?:(?!\bFROM\b).)*\bFROM\s+(?:pg_catalog\.)?pg_", re.IGNORECASE | re.DOTALL)
"""What Django asks PostgreSQL's catalogue when a connection opens, whoever opens it."""

PLACES = re.compile(r"\((?:%s|\s|,)+\)")
SELECTED = re.compile(r"^SELECT [^()]*? FROM ")

SHOWN = 140
"""Characters of a statement that are shown."""


@dataclass(slots=True)
class Loads:
    """How often each (path pattern, SQL shape) was loaded outside a fetch during one operation."""

    times: Counter[tuple[str, str]] = field(default_factory=Counter)


_loading: ContextVar[tuple[str, Loads] | None] = ContextVar("loading", default=None)


@contextmanager
def loading(path: str, loads: Loads) -> Iterator[None]:
    """Count in ``loads`` what Django runs inside, also in threads of ``sync_to_async``, for the field at ``path``."""
    token = _loading.set((path, loads))
    try:
        with asked_by([path]):
            yield
    finally:
        _loading.reset(token)


def watch_django() -> None:
    """See the statements of Django's connections from here on: of every one opened later, and of this thread's."""
    connection_created.connect(_watch, dispatch_uid="loaders.outside")
    if settings.configured:
        for connection in connections.all(initialized_only=True):
            _watch(connection=connection)


def shape(sql: str) -> str:
    """``sql`` without what varies from call to call: whitespace, and the length of ``IN`` lists."""
    return PLACES.sub("(%s)", " ".join(sql.split()))


def shortened(sql: str) -> str:
    """One line of ``sql``: its shape, without the list of columns and without its end if it is long."""
    line = SELECTED.sub("SELECT ... FROM ", shape(sql))
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 4]} ..."


def _watch(*, connection: Any, **_: Any) -> None:
    # Django's own execute_wrapper() takes the last wrapper away when it ends; the first place is safe from it.
    if _see not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _see)


def _see(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 - Django's signature
    field_at_work = _loading.get()
    if field_at_work is not None or is_recording():
        text = str(sql)
        if not (TRANSACTION.match(text) or CATALOG.match(text)):
            record(text, outside=True)
            if field_at_work is not None:
                path, loads = field_at_work
                loads.times[path, shape(text)] += 1
    return execute(sql, params, many, context)
