"""Giving a document a budget of its own, and taking it away."""

from __future__ import annotations

from typing import Any

import psycopg

from persisted_queries.budgets import Budget
from persisted_queries.deployments import LOCK, bump, generation
from persisted_queries.problems import UnknownDocument

FIND = "SELECT document_id FROM larder_document_alias WHERE id = %s"
SET = """
UPDATE larder_document SET budget = %(budget)s::jsonb
WHERE sha256 = %(sha256)s AND budget IS DISTINCT FROM %(budget)s::jsonb
"""

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


async def set_budget(connection: Connection, document_id: str, budget: Budget | None) -> int:
    """Let a document have a budget, in place of the one it had; None: none. Returns: the registry's generation.

    document_id: any id of the document, registered or not. Processes learn of it as they learn of a publish; the budget
    that the document has already changes nothing. Raises ``UnknownDocument``.
    """
    async with connection.transaction():
        await connection.execute(LOCK)
        row = await (await connection.execute(FIND, [document_id])).fetchone()
        if row is None:
            raise UnknownDocument(document_id)
        values = {"sha256": row[0], "budget": None if budget is None else budget.text}
        changed = (await connection.execute(SET, values)).rowcount
        return await (bump(connection) if changed else generation(connection))
