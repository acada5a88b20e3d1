"""A read session that has already failed: the resolver path makes the exact GraphQL errors of it, without the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from loaders.session import ReadSession

if TYPE_CHECKING:
    from datetime import datetime

    from loaders.errors import StoreError
    from loaders.lanes import Lanes
    from loaders.statement import Statement


class FailedSession(ReadSession):
    """Every read raises ``error``; no lane is taken."""

    def __init__(self, lanes: Lanes, error: StoreError) -> None:
        super().__init__(lanes)
        self.error = error

    @property
    def instant(self) -> datetime:
        """There is none: the store did not answer."""
        raise self.error

    async def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:  # noqa: ARG002 - a session's signature
        """Raise the error."""
        raise self.error
