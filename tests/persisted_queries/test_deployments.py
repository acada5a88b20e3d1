"""Deployments: all or nothing, idempotent, notified."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from graphql import build_schema

from persisted_queries import deployments, inventory
from persisted_queries.deployments import CHANNEL, publish, push, retire
from persisted_queries.documents import sha256_of
from persisted_queries.examining import Limits
from persisted_queries.problems import DeploymentRefused, ManifestRefused, UnknownDeployment, UnknownDocument
from tests.persisted_queries.pushes import ITEM, LISTED, SCHEMA, SDL, STATES, apollo, mapped

Connection = psycopg.AsyncConnection[Any]

TABLES = ("document", "document_alias", "client", "deployment", "deployment_document", "registry")


async def states(connection: Connection, client: str = "web") -> dict[str, str]:
    return {found.version: found.state for found in await inventory.deployments(connection, client=client)}


async def counts(connection: Connection) -> dict[str, int]:
    found = {}
    for table in TABLES:
        row = await (await connection.execute(f"SELECT count(*) FROM larder_{table}".encode())).fetchone()
        found[table] = row[0] if row else -1
    return found


async def test_a_push_stores_documents_under_every_form_of_their_ids(connection: Connection) -> None:
    report = await push(connection, apollo(ITEM, LISTED), "web", "1", SCHEMA)

    assert (report.state, report.documents, report.added, report.unchanged) == ("pending", 2, 2, False)
    for document_id in (sha256_of(ITEM), f"sha256:{sha256_of(ITEM)}"):
        assert (await inventory.document(connection, document_id)).text == ITEM
    assert await deployments.generation(connection) == 0


async def test_a_custom_id_is_an_alias_of_the_same_document(connection: Connection) -> None:
    await push(connection, mapped({"app~1~item": ITEM, "x-item:1": ITEM}), "web", "1", SCHEMA)

    shown = await inventory.document(connection, "app~1~item")

    assert set(shown.ids) == {"app~1~item", "x-item:1", sha256_of(ITEM), f"sha256:{sha256_of(ITEM)}"}
    assert [holder.document_id for holder in shown.holders] == ["app~1~item", "x-item:1"]
    with pytest.raises(UnknownDocument):
        await inventory.document(connection, sha256_of(ITEM).upper())


async def test_one_bad_document_keeps_all_of_a_manifest_out(connection: Connection) -> None:
    bad = "query Bad { items { colour } }"
    worse = "query Worse { nothing }"

    with pytest.raises(ManifestRefused) as refused:
        await push(connection, apollo(ITEM, bad, worse), "web", "1", SCHEMA)

    assert [(problem.document, problem.name) for problem in refused.value.problems] == [
        (sha256_of(bad), "Bad"),
        (sha256_of(worse), "Worse"),
    ]
    assert "Cannot query field 'colour' on type 'Item'. (line 1, column 21)" in str(refused.value)
    assert set((await counts(connection)).values()) == {0}


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("query A { items { id }", "does not parse", "Syntax Error"),
        ("query A { items { } }", "does not parse", "Syntax Error"),
        ("fragment F on Item { id }", "a document has an operation", "only fragments"),
        ("mutation A { clear }", "only queries can be registered", "mutation A"),
        ("subscription A { clear }", "only queries can be registered", "subscription A"),
        ("query A { items { id } } type B { id: ID }", "is not valid in the schema", "not executable"),
        ("query A { items { id } } query B { items { id } } { found { __typename } }", "is not valid", "anonymous"),
        ("query A { items { id } } fragment F on Item { id }", "is not valid in the schema", "never used"),
        ("query A { items { id } } #" + "x" * 300, "at most 300 bytes", "326"),
        ("query A {" + " a: items { id }" * 20 + "}", "does not parse", "more than 60 tokens"),
        ("query A { items { id \ud800 } }", "Unicode text", "lone surrogate"),
    ],
)
async def test_what_cannot_be_registered(connection: Connection, text: str, rule: str, value: str) -> None:
    limits = Limits(document_bytes=300 if "#" in text else 10_000, tokens=60)

    with pytest.raises(ManifestRefused) as refused:
        await push(connection, mapped({"a": text}), "web", "1", SCHEMA, limits=limits)

    assert rule in refused.value.problems[0].rule
    assert value in refused.value.problems[0].value
    assert (await counts(connection))["document"] == 0


async def test_a_document_that_is_nested_too_deeply_is_refused(connection: Connection) -> None:
    deep = "query A { items " + "{ a " * 9_000 + "}" * 9_000 + "}"

    with pytest.raises(ManifestRefused, match="nested too deeply"):
        await push(connection, mapped({"a": deep}), "web", "1", SCHEMA, limits=Limits(tokens=100_000))


async def test_more_documents_than_the_limit_are_refused(connection: Connection) -> None:
    with pytest.raises(ManifestRefused, match="at most 1 documents: 2"):
        await push(connection, apollo(ITEM, LISTED), "web", "1", SCHEMA, limits=Limits(documents=1))


async def test_the_same_push_again_changes_nothing(connection: Connection) -> None:
    await push(connection, apollo(ITEM, LISTED), "web", "1", SCHEMA)
    await publish(connection, "web", "1")
    before = await counts(connection)

    again = await push(connection, apollo(LISTED, ITEM), "web", "1", SCHEMA)

    assert (again.state, again.added, again.unchanged) == ("active", 0, True)
    assert await counts(connection) == before


async def test_other_content_under_a_pushed_version_is_refused(connection: Connection) -> None:
    await push(connection, apollo(ITEM), "web", "1", SCHEMA)

    with pytest.raises(DeploymentRefused, match="web 1: was pushed with other documents"):
        await push(connection, apollo(ITEM, LISTED), "web", "1", SCHEMA)

    assert (await counts(connection))["document"] == 1


async def test_an_id_of_another_document_is_refused(connection: Connection) -> None:
    await push(connection, mapped({"item": ITEM}), "web", "1", SCHEMA)
    before = await counts(connection)

    with pytest.raises(ManifestRefused, match="item: the id stands for another document") as refused:
        await push(connection, mapped({"item": LISTED, "states": STATES}), "ios", "1", SCHEMA)

    assert len(refused.value.problems) == 1
    assert await counts(connection) == before


async def test_a_manifest_that_names_another_client_is_refused(connection: Connection) -> None:
    with pytest.raises(ManifestRefused, match="clientName is that of the push, web: ios"):
        await push(connection, apollo(ITEM, client="ios"), "web", "1", SCHEMA)

    assert (await push(connection, apollo(ITEM, client="web"), "web", "1", SCHEMA)).added == 1


@pytest.mark.parametrize(
    ("client", "version"), [("", "1"), ("web", ""), ("we b", "1"), ("web", "1\n"), ("w" * 257, "1")]
)
async def test_names_that_no_header_carries_are_refused(connection: Connection, client: str, version: str) -> None:
    with pytest.raises(DeploymentRefused, match="visible ASCII"):
        await push(connection, apollo(ITEM), client, version, SCHEMA)


async def test_a_dry_run_says_what_it_would_do_and_does_nothing(connection: Connection) -> None:
    await push(connection, apollo(ITEM), "web", "1", SCHEMA)
    before = await counts(connection)

    report = await push(connection, apollo(ITEM, LISTED), "web", "2", SCHEMA, dry_run=True)

    assert (report.documents, report.added, report.dry_run) == (2, 1, True)
    assert await counts(connection) == before


async def test_publishing_registers_and_raises_the_generation(connection: Connection) -> None:
    await push(connection, apollo(ITEM), "web", "1", SCHEMA)

    assert await publish(connection, "web", "1") == 1
    assert await states(connection) == {"1": "active"}
    assert await deployments.generation(connection) == 1


async def test_a_client_may_have_several_active_versions(connection: Connection) -> None:
    for version, text in (("1", ITEM), ("2", LISTED), ("3", STATES)):
        await push(connection, apollo(text), "web", version, SCHEMA)
    await push(connection, apollo(ITEM), "ios", "1", SCHEMA)
    await publish(connection, "ios", "1")
    await publish(connection, "web", "1")

    await publish(connection, "web", "2", replace=False)
    assert await states(connection) == {"1": "active", "2": "active", "3": "pending"}

    await publish(connection, "web", "2")
    assert await states(connection) == {"1": "retired", "2": "active", "3": "pending"}
    assert await states(connection, "ios") == {"1": "active"}


async def test_an_older_version_can_be_published_again(connection: Connection) -> None:
    for version, text in (("1", ITEM), ("2", LISTED)):
        await push(connection, apollo(text), "web", version, SCHEMA)
        await publish(connection, "web", version)

    assert await publish(connection, "web", "1") == 3
    assert await states(connection) == {"1": "active", "2": "retired"}
    assert (await inventory.deployments(connection, state="active"))[0].retired_at is None


async def test_what_changes_nothing_raises_no_generation(connection: Connection) -> None:
    await push(connection, apollo(ITEM), "web", "1", SCHEMA)
    await publish(connection, "web", "1")

    assert await publish(connection, "web", "1") == 1
    assert await retire(connection, "web", "1") == 2
    assert await retire(connection, "web", "1") == 2


async def test_a_retired_deployment_keeps_its_documents(connection: Connection) -> None:
    await push(connection, apollo(ITEM), "web", "1", SCHEMA)
    await publish(connection, "web", "1")

    await retire(connection, "web", "1")

    assert await states(connection) == {"1": "retired"}
    assert [entry.text for entry in await inventory.entries(connection, "web", "1")] == [ITEM]


async def test_publish_can_validate_once_more(connection: Connection) -> None:
    await push(connection, apollo(ITEM, STATES), "web", "1", SCHEMA)
    without_states = build_schema(SDL.replace("state: State!", ""))

    with pytest.raises(ManifestRefused, match=r"States .*: is not valid in the schema: Cannot query field 'state'"):
        await publish(connection, "web", "1", schema=without_states)

    assert await states(connection) == {"1": "pending"}
    assert await deployments.generation(connection) == 0
    assert await publish(connection, "web", "1", schema=SCHEMA) == 1


@pytest.mark.parametrize("change", [publish, retire])
async def test_an_unknown_deployment_is_named(connection: Connection, change: Any) -> None:
    with pytest.raises(UnknownDeployment, match="web 9: no such deployment"):
        await change(connection, "web", "9")


async def test_changes_are_notified_when_they_are_there_to_be_read(connection: Connection, store: str) -> None:
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as listener:
        await listener.execute(f"LISTEN {CHANNEL}".encode())
        await push(connection, apollo(ITEM), "web", "1", SCHEMA)
        async with connection.transaction():
            await publish(connection, "web", "1")
            early = [notice async for notice in listener.notifies(timeout=0.2)]
        await retire(connection, "web", "1")

        heard = [notice.payload async for notice in listener.notifies(timeout=5, stop_after=2)]

    assert (early, heard) == ([], ["1", "2"])


async def test_pushes_and_publishes_at_once_lose_nothing(connection: Connection, store: str) -> None:
    async def deploy(number: int) -> None:
        async with await psycopg.AsyncConnection.connect(store, autocommit=True) as own:
            await push(own, apollo(ITEM, f"query Q{number} {{ items {{ id }} }}"), "web", str(number), SCHEMA)
            await publish(own, "web", str(number))

    await asyncio.gather(*(deploy(number) for number in range(6)))

    assert sorted((await states(connection)).values()) == ["active", *["retired"] * 5]
    assert await deployments.generation(connection) == 6
    assert (await counts(connection))["document"] == 7
