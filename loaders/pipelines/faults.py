"""Which of PostgreSQL's errors another try may mend. Reads only: trying again is always allowed."""

from __future__ import annotations

from psycopg import InternalError, NotSupportedError, ProgrammingError
from psycopg.errors import InvalidSqlStatementName, SerializationFailure

OUTDATED = (InvalidSqlStatementName, NotSupportedError, ProgrammingError, InternalError)
"""What a prepared statement may say when the schema moved on, or when somebody discarded it.

26000 invalid_sql_statement_name (``DISCARD ALL``), 0A000 "cached plan must not change result type", class 42 (a column
that was dropped and made again with another type), XX000 "cache lookup failed".
"""

CONFLICTS = (SerializationFailure,)
"""40001: a replica cancelled the read because it was in the way of what it replays."""
