"""An application under test: its schema, its rows, and what its arguments can ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

from loaders.context import OperationContext
from loaders.session import ReadSession
from loaders.viewer import ANONYMOUS, Viewer
from tests.equality.stored import Stored


def in_session(session: ReadSession, viewer: Viewer) -> OperationContext:
    return OperationContext(session, viewer=viewer)


@dataclass(frozen=True, slots=True)
class Application:
    """``fill`` writes rows into the empty store (with Django's synchronous ORM) and says what is there.

    instant: the operation instant of every comparison. damage: SQL that breaks a part of the rows, so that values are
    there which the schema does not admit. context: an operation's context in a read session. viewers: who asks.
    rare: ``Type.field`` of fields to select now and then only. rows_per_list: how many rows a list has, roughly; it
    bounds answers.
    """

    name: str
    schema: strawberry.Schema
    instant: datetime
    fill: Callable[[], Stored]
    damage: Sequence[str] = ()
    context: Callable[[ReadSession, Viewer], Any] = in_session
    viewers: Sequence[Viewer] = (ANONYMOUS,)
    rare: frozenset[str] = frozenset()
    rows_per_list: int = 3
