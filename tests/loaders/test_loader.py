"""The loader of a fetch: what it batches, aligns, normalises and forgets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from loaders.errors import BadArgument, StoreUnavailable
from loaders.fetches import Fetch
from loaders.loader import FetchLoader, loader_for
from loaders.relations import relation_fetch
from loaders.statement import Statement
from resolvers.offers import offers_by_item_id
from schema.enums import Audience


class RecordingSession:
    """A session over rows at hand: records the keys of every batch."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.given = rows
        self.batches: list[list[Any]] = []
        self.loaders: dict[object, FetchLoader] = {}
        self.noted = None
        self.failure: BaseException | None = None

    async def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        assert statement.columns[0] == "key_"
        self.batches.append(values["keys"])
        await asyncio.sleep(0)
        if self.failure:
            raise self.failure
        return [row for row in self.given if row[0] in values["keys"]]


GROUPS = [(1, "cooks"), (1, "waiters"), (3, "cooks")]


@pytest.fixture
async def session() -> RecordingSession:
    return RecordingSession(GROUPS)


def loader(session: RecordingSession, fetch: Fetch | None = None, **arguments: Any) -> FetchLoader:
    return loader_for(session, fetch or relation_fetch(User, "groups"), None, ("name",), arguments)  # type: ignore[arg-type]


async def test_keys_of_one_tick_are_one_batch_without_repetition(session: RecordingSession) -> None:
    groups = loader(session)

    loaded = await asyncio.gather(*(groups.load(key) for key in (3, 1, 2, 1)))

    assert session.batches == [[3, 1, 2]]
    assert [[row.name for row in rows] for rows in loaded] == [
        ["cooks"],
        ["cooks", "waiters"],
        [],
        ["cooks", "waiters"],
    ]


async def test_one_and_its_text_are_one_key(session: RecordingSession) -> None:
    groups = loader(session)

    await asyncio.gather(groups.load(1), groups.load("1"))

    assert session.batches == [[1]]


async def test_a_key_of_another_type_is_refused_by_name_and_value(session: RecordingSession) -> None:
    with pytest.raises(BadArgument, match=r"User\.groups: 'one' is not a \w*AutoField key"):
        loader(session).load("one")


async def test_a_to_one_fetch_gives_a_row_or_none(session: RecordingSession) -> None:
    session.given = [(7, "cooks")]
    names = loader(session, relation_fetch(User.groups.through, "group"))

    cook, nobody = await asyncio.gather(names.load(7), names.load(8))

    assert cook.name == "cooks"
    assert nobody is None


async def test_a_failed_batch_is_not_remembered(session: RecordingSession) -> None:
    groups = loader(session)
    session.failure = StoreUnavailable()
    with pytest.raises(StoreUnavailable):
        await groups.load(1)

    session.failure = None

    assert [row.name for row in await groups.load(1)] == ["cooks", "waiters"]
    assert session.batches == [[1], [1]]


async def test_a_cancelled_batch_fails_its_waiters_rather_than_hang_them(session: RecordingSession) -> None:
    groups = loader(session)
    session.failure = asyncio.CancelledError()

    with pytest.raises(Exception, match="the load was cancelled"):
        await asyncio.wait_for(groups.load(1), timeout=1)


async def test_cancelling_one_waiter_leaves_the_others_of_its_key(session: RecordingSession) -> None:
    groups = loader(session)
    kept, cancelled = groups.load(1), groups.load(1)

    cancelled.cancel()

    assert [row.name for row in await kept] == ["cooks", "waiters"]
    assert session.batches == [[1]]


async def test_a_cancelled_load_is_loaded_again(session: RecordingSession) -> None:
    groups = loader(session)
    groups.load(1).cancel()

    assert [row.name for row in await groups.load(1)] == ["cooks", "waiters"]


async def test_loaders_are_apart_by_arguments_and_shared_otherwise(session: RecordingSession) -> None:
    def offers(**arguments: Any) -> FetchLoader:
        return loader_for(session, offers_by_item_id, None, ("amount",), arguments)  # type: ignore[arg-type]

    assert offers(audience="STAFF") is offers(audience="STAFF")
    assert offers(audience="STAFF") is not offers()
    assert offers(audience=None) is offers()


def test_columns_are_only_those_asked_for() -> None:
    statement = relation_fetch(User, "groups").statement(("name",))

    assert statement.columns == ("key_", "name")
    assert "auth_group" in statement.text
    assert '"auth_group"."id"' not in statement.text.partition(" FROM ")[0]


def test_a_statement_is_built_once_per_columns_and_presence() -> None:
    fetch = relation_fetch(Group, "permissions")

    assert fetch.statement(("name",)) is fetch.statement(("name",))
    assert fetch.statement(("name",)) is not fetch.statement(("codename",))


def test_arguments_are_bound_by_name_and_enums_by_value() -> None:
    statement = offers_by_item_id.statement(("amount",), ("audience",))
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    values = statement.arguments({"keys": [1], "audience": Audience.STAFF, "instant": instant})

    bound = [value for value in map(str, values) if value in {"[1]", "STAFF", str(instant)}]
    assert bound.count(str(instant)) >= 2
    assert sorted(set(bound)) == sorted(["[1]", "STAFF", str(instant)])
    assert statement.text.count("%s") == len(values)
