"""What must be seen when nothing else happens: one way of writing at a time, and whoever comes while others wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx2
import psycopg
from django.db import connections

from tests.acceptance.truth.asking import Answers, Question, Reader
from tests.acceptance.truth.history import BOUND_SECONDS
from tests.acceptance.truth.writing import Writer

MARGIN_SECONDS = 0.01
WAITING = """
SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE NOT l.granted AND c.relname = %s
"""


async def in_thread(work: Callable[..., object], *arguments: Any) -> None:
    """Do what uses Django's connection."""

    def working() -> None:
        try:
            work(*arguments)
        finally:
            connections.close_all()

    await asyncio.to_thread(working)


async def each_way(url: str, writer: Writer, questions: Sequence[Question]) -> Answers:
    """The answers to all questions after each way of writing, as soon as what was written has to be seen."""
    answers = Answers()
    async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
        reader = Reader(client, questions, answers, seed=0)
        await all_of(reader)
        for stroke in writer.strokes():
            await in_thread(writer.write_by, [stroke])
            await asyncio.sleep(BOUND_SECONDS + MARGIN_SECONDS)
            await all_of(reader)
    return answers


async def all_of(reader: Reader) -> None:
    """Every question once."""
    await asyncio.gather(*(reader.post(question, text=True, by_id=False) for question in reader.questions))


async def who_comes_late(database_url: str, url: str, writer: Writer, question: Question, locked: str) -> Answers:
    """The answers to a question of which one execution hangs on a table, in a snapshot from before a write.

    The writer's first stroke must not touch the table.
    """
    answers = Answers()
    async with (
        httpx2.AsyncClient(base_url=url, timeout=60) as client,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection,
    ):
        reader = Reader(client, [question], answers, seed=0)
        first, *_ = writer.strokes()
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {locked} IN ACCESS EXCLUSIVE MODE".encode())
            await in_thread(writer.write_by, [first])
            await asyncio.sleep(BOUND_SECONDS + MARGIN_SECONDS)
            asking = [asyncio.create_task(all_of(reader))]
            # An answer that came without an execution is judged like any other.
            async with asyncio.timeout(10):
                while not asking[0].done() and not await waited_for(connection, locked):  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.01)
            await in_thread(writer.write_by, [first])
            await asyncio.sleep(BOUND_SECONDS + MARGIN_SECONDS)
            asking.append(asyncio.create_task(all_of(reader)))
            await asyncio.sleep(BOUND_SECONDS)
        await asyncio.gather(*asking)
    return answers


async def waited_for(connection: psycopg.AsyncConnection[Any], table: str) -> bool:
    """Whether anybody waits for a lock on a table."""
    return (await (await connection.execute(WAITING, [table])).fetchone()) != (0,)
