"""Django's system checks of what the gateway keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's name for it
from django.db import Error, connections

if TYPE_CHECKING:
    from gateway.delivery.tables import Untracked

UNTRACKED = "larder.W001"


@register(Tags.database)
def check_tracking(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn of every table that the served schema reads and whose changes move no head.

    Answers that depend on one are not kept. Runs with ``check --database default`` and before ``migrate``.
    """
    if "default" not in (databases or ()):
        return []
    from gateway.delivery.tables import untracked  # noqa: PLC0415 - strawberry, for those commands that check
    from gateway.schemas import served_schema  # noqa: PLC0415 - as above

    try:
        with connections["default"].cursor() as cursor:
            found = untracked(served_schema(), cursor)
    except Error:
        # Without a store there is nothing to warn of: the command that needs one says so.
        return []
    return [warning(each) for each in found]


def warning(found: Untracked) -> CheckMessage:
    """What is said of one table."""
    if found.trackable:
        hint = "Add TrackHead to a migration: `larder track-heads make` writes it."
    else:
        hint = "A view or foreign table cannot be tracked: read the tables behind it."
    return Warning(
        f"{found.table} is read by {found.field}, and its changes move no head: such answers are not cached.",
        hint=hint,
        id=UNTRACKED,
    )
