"""An operation may end, by an error, before all that it asked for has come: its lane is whole all the same."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from loaders.errors import LarderError
from loaders.lanes import Lanes
from loaders.session import ReadSession
from loaders.statement import Statement

LEFT_OPEN = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'larder lane' AND datname = current_database() AND state LIKE 'idle in transaction%'
"""


@pytest.mark.parametrize("begun", [True, False])
async def test_a_load_after_the_end_opens_no_transaction(store: str, operator: psycopg.Connection, begun: bool) -> None:
    lanes = Lanes(store, count=1)
    await lanes.open()
    try:
        async with ReadSession(lanes) as session:
            if begun:
                await session.rows(Statement("SELECT 1", (), ("one",)), {})
            late = [
                asyncio.create_task(session.rows(Statement("SELECT 1 FROM pg_sleep(0.1)", (), ("one",)), {}))
                for _ in range(3)
            ]
            await asyncio.sleep(0.03)
        with pytest.raises(LarderError):
            await session.rows(Statement("SELECT 1", (), ("one",)), {})
        await asyncio.gather(*late, return_exceptions=True)

        [(left,)] = operator.execute(LEFT_OPEN)
        assert left == 0
        async with ReadSession(lanes) as following:
            assert await following.rows(Statement("SELECT 2", (), ("two",)), {}) == [(2,)]
    finally:
        await lanes.close()
