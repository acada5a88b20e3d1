"""Usage, and the pruning that goes by it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from persisted_queries import inventory
from persisted_queries.deployments import publish, push, retire
from persisted_queries.documents import sha256_of
from persisted_queries.problems import DeploymentRefused, UnknownDocument
from persisted_queries.pruning import prune
from persisted_queries.usage import merge_usage, read_usage
from tests.persisted_queries.pushes import ITEM, LISTED, SCHEMA, STATES, apollo

Connection = psycopg.AsyncConnection[Any]


def ago(days: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=days)


async def deploy(connection: Connection, version: str, *texts: str) -> None:
    await push(connection, apollo(*texts), "web", version, SCHEMA)
    await publish(connection, "web", version, replace=False)


async def backdate(connection: Connection, days: int) -> None:
    """Let everything have been pushed so many days earlier."""
    for table in ("document", "deployment"):
        statement = f"UPDATE larder_{table} SET created_at = created_at - make_interval(days => %s)"
        await connection.execute(statement.encode(), [days])


async def texts(connection: Connection) -> set[str]:
    rows = await (await connection.execute("SELECT text FROM larder_document")).fetchall()
    return {text for (text,) in rows}


async def test_counts_add_up_per_document_client_and_day(connection: Connection) -> None:
    await deploy(connection, "1", ITEM, LISTED)
    item, listed = sha256_of(ITEM), sha256_of(LISTED)

    await merge_usage(connection, {(item, "web", ago(0)): 2, (item, "ios", ago(0)): 1, (listed, "", ago(40)): 7})
    await merge_usage(connection, {(item, "web", ago(0)): 3, (item, "web", ago(1)): 4})

    found = await read_usage(connection)
    assert [(row.operation_name, row.client, row.count, row.first_day, row.last_day) for row in found] == [
        ("Item", "web", 9, ago(1), ago(0)),
        ("Item", "ios", 1, ago(0), ago(0)),
    ]
    assert [row.count for row in await read_usage(connection, days=41)] == [9, 7, 1]
    assert [row.count for row in await read_usage(connection, client="ios")] == [1]
    assert len(await read_usage(connection, limit=1)) == 1


async def test_a_window_of_one_day_is_today(connection: Connection) -> None:
    await deploy(connection, "1", ITEM)
    await merge_usage(connection, {(sha256_of(ITEM), "web", ago(0)): 1, (sha256_of(ITEM), "web", ago(1)): 1})

    assert [row.count for row in await read_usage(connection, days=1)] == [1]


async def test_counts_of_unknown_documents_are_dropped(connection: Connection) -> None:
    await deploy(connection, "1", ITEM)

    await merge_usage(connection, {("0" * 64, "web", ago(0)): 1, (sha256_of(ITEM), "web", ago(0)): 1})
    await merge_usage(connection, {})

    assert [row.sha256 for row in await read_usage(connection)] == [sha256_of(ITEM)]


async def test_processes_that_merge_at_once_lose_nothing(connection: Connection, store: str) -> None:
    await deploy(connection, "1", ITEM, LISTED, STATES)
    shas = [sha256_of(text) for text in (ITEM, LISTED, STATES)]

    async def process(number: int) -> None:
        async with await psycopg.AsyncConnection.connect(store, autocommit=True) as own:
            keys = [(sha256, f"app {client}", ago(0)) for sha256 in shas for client in range(200)]
            for _ in range(5):
                await merge_usage(own, dict.fromkeys(keys if number % 2 else keys[::-1], 1))

    await asyncio.gather(*(process(number) for number in range(6)))

    assert [row.count for row in await read_usage(connection, limit=1000)] == [30] * 600


async def test_pruning_removes_what_only_retired_deployments_hold_and_nobody_used(connection: Connection) -> None:
    await deploy(connection, "1", ITEM, LISTED, STATES)
    await deploy(connection, "2", STATES)
    await retire(connection, "web", "1")
    await backdate(connection, 100)
    await merge_usage(connection, {(sha256_of(ITEM), "web", ago(95)): 1, (sha256_of(LISTED), "web", ago(20)): 1})

    would = await prune(connection, 90, dry_run=True)
    assert await texts(connection) == {ITEM, LISTED, STATES}
    done = await prune(connection, 90)

    assert [(pruned.operation_name, pruned.last_day) for pruned in done] == [("Item", ago(95))]
    assert would == done
    assert await texts(connection) == {LISTED, STATES}
    assert [row.count for row in await read_usage(connection, days=200)] == [1]
    with pytest.raises(UnknownDocument):
        await inventory.document(connection, sha256_of(ITEM))


@pytest.mark.parametrize(("days", "pruned"), [(20, 0), (19, 1)])
async def test_the_last_day_of_use_is_what_counts(connection: Connection, days: int, pruned: int) -> None:
    await deploy(connection, "1", ITEM)
    await retire(connection, "web", "1")
    await backdate(connection, 100)
    await merge_usage(connection, {(sha256_of(ITEM), "web", ago(20)): 1})

    assert len(await prune(connection, days)) == pruned


async def test_a_document_counts_as_used_on_the_day_that_it_is_pushed(connection: Connection) -> None:
    await deploy(connection, "1", ITEM)
    await backdate(connection, 100)
    await deploy(connection, "2", ITEM)
    await retire(connection, "web", "1")
    await retire(connection, "web", "2")

    assert await prune(connection, 90) == []


async def test_a_pending_deployment_keeps_its_documents(connection: Connection) -> None:
    await deploy(connection, "1", ITEM)
    await retire(connection, "web", "1")
    await push(connection, apollo(ITEM), "web", "2", SCHEMA)
    await backdate(connection, 100)

    assert await prune(connection, 0) == []


async def test_a_pruned_deployment_is_published_only_after_it_is_pushed_again(connection: Connection) -> None:
    await deploy(connection, "1", ITEM, LISTED)
    await retire(connection, "web", "1")
    await backdate(connection, 100)
    await prune(connection, 90)

    with pytest.raises(DeploymentRefused, match="web 1: some of its documents were pruned"):
        await publish(connection, "web", "1")

    again = await push(connection, apollo(ITEM, LISTED), "web", "1", SCHEMA)
    assert (again.state, again.added, again.unchanged) == ("retired", 2, False)
    await publish(connection, "web", "1")
    assert [entry.text for entry in await inventory.entries(connection, "web", "1")] == [ITEM, LISTED]


async def test_usage_that_comes_in_while_pruning_keeps_the_document(connection: Connection, store: str) -> None:
    await deploy(connection, "1", ITEM, LISTED)
    await retire(connection, "web", "1")
    await backdate(connection, 100)
    async with await psycopg.AsyncConnection.connect(store) as gateway:
        await merge_usage(gateway, {(sha256_of(ITEM), "web", ago(0)): 1})
        pruning = asyncio.create_task(prune(connection, 90))
        await asyncio.sleep(0.2)
        assert not pruning.done()
        await gateway.commit()

        pruned = await pruning

    assert [found.operation_name for found in pruned] == ["Listed"]
    assert await texts(connection) == {ITEM}
