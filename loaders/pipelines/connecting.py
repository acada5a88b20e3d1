"""How a lane connects, and the snapshot that its pipelines read in: by the session's defaults, or said each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

APPLICATION = "larder plan lane"

# Everything before one Sync is one implicit transaction, of the kind that these defaults say.
# force_generic_plan: planning costs more than most of the reads.
OPTIONS = (
    r"-c default_transaction_isolation=repeatable\ read -c default_transaction_read_only=on "
    "-c plan_cache_mode=force_generic_plan -c timezone=UTC -c statement_timeout={}"
)

# A peer that vanished without a word is noticed within five seconds under way, ten at rest. Ignored on Unix sockets.
KEEPALIVE = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5_000,
}

BEGIN = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
COMMIT = b"COMMIT"
ROLLBACK = b"ROLLBACK"
FORGET_ALL = b"DEALLOCATE ALL"

PATIENCE_SECONDS = 5.0
"""How long after the statement timeout a silent connection is given up."""

REMEMBERED = 512
"""How many prepared statements a lane knows."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where lanes connect to, and how.

    statement_timeout_ms: the longest that PostgreSQL works on one statement. pooled: through a pooler in transaction
    mode (PgBouncer), which hands out another session for every transaction: nothing may be left in it, neither
    prepared statements nor settings. remembered: prepared statements per lane.
    """

    database_url: str
    statement_timeout_ms: int
    pooled: bool
    remembered: int = REMEMBERED

    @property
    def silence_seconds(self) -> float:
        """How long a pipeline may go without a byte from the server."""
        return self.statement_timeout_ms / 1000 + PATIENCE_SECONDS

    @property
    def settings(self) -> bytes:
        """What a pooled transaction sets for itself. The settings end with it."""
        return (
            f"SELECT set_config('statement_timeout', '{self.statement_timeout_ms}', true),"
            " set_config('TimeZone', 'UTC', true)"
        ).encode()

    async def connect(self) -> AsyncConnection[Any]:
        """A new connection. Raises ``psycopg.OperationalError`` within about three seconds when there is none."""
        given = conninfo_to_dict(self.database_url)
        parameters: dict[str, Any] = {
            **KEEPALIVE,
            **given,
            "application_name": APPLICATION,
            "client_encoding": "UTF8",
        }
        if not self.pooled:
            options = OPTIONS.format(self.statement_timeout_ms)
            parameters["options"] = f"{given['options']} {options}" if given.get("options") else options
        return await AsyncConnection.connect(
            make_conninfo("", **parameters), autocommit=True, prepare_threshold=None if self.pooled else 0
        )
