"""What a supplier says again, word for word, costs next to nothing; what stands otherwise in the store is compared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sync import repeats, run, sources
from sync.connections import connect
from sync.protocol import End, Event, Malformed, Record, Tombstone
from sync.publish import TAKE_TURNS
from sync.runs import State
from sync.sources import SourceKind, StreamKind, always
from tests.sync.larder import Larder
from tests.sync.scripted import Scripted, item, offer, record, snapshot


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch, store: str) -> Scripted:
    scripted = Scripted()
    kinds = always(all=StreamKind(("menu", "price"), 60), prices=StreamKind(("price",), 60))
    monkeypatch.setitem(sources.KINDS, "scripted", SourceKind(lambda _: scripted, kinds))
    return scripted


@pytest.fixture
def staged(larder: Larder) -> Callable[[], int]:
    """How many rows were ever staged."""
    return lambda: larder.value(
        "SELECT COALESCE(max(last_value), 0) FROM pg_sequences WHERE sequencename = 'larder_sync_staged_id_seq'"
    )


STORED = """
SELECT external_id, name, deleted_at IS NULL, held_confirmed_at IS NULL FROM larder_item ORDER BY external_id
"""

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def menu(*names: str, scope: str = "all") -> list[Event]:
    return snapshot(*[record(name, item(name), scope) for name in names], scope=scope)


def told(larder: Larder) -> list[str]:
    return [scope for (scope,) in larder.rows("SELECT scope FROM larder_sync_told ORDER BY scope")]


async def test_a_repetition_is_confirmed_without_staging_a_row(
    larder: Larder, source: Scripted, staged: Callable[[], int]
) -> None:
    await source.run(*menu("a", "b", "c"))
    before, rows = larder.dump(), staged()

    report = await source.run(*menu("a", "b", "c"))

    assert (report.state, report.staged, report.changed, report.confirmed) == (State.PUBLISHED, 3, 0, 1)
    assert (larder.dump(), staged()) == (before, rows)
    assert larder.confirmed_at("menu", "unit") == report.started_at


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(menu("a", "b"), id="less"),
        pytest.param(menu("a", "b", "c", "d"), id="more"),
        pytest.param(menu("c", "b", "a"), id="another order"),
        pytest.param(snapshot(*[record(name, item(name.upper())) for name in "abc"]), id="other words"),
        pytest.param([*menu("a", "b", "c")[:-1], Tombstone("all", "item", "c"), End("all", complete=True)], id="gone"),
        pytest.param(menu("a", "b", "c")[:-1], id="without an end"),
        pytest.param([*menu("a", "b", "c")[:-1], End("all", complete=False)], id="incomplete"),
        pytest.param(
            [*menu("a", "b", "c")[:-1], Malformed("all", "item", "c", "rule", "x"), End("all", complete=True)],
            id="malformed",
        ),
    ],
)
@pytest.mark.parametrize("most", [1 << 26, 200])
async def test_anything_else_does_what_it_would_do_without_a_memory(
    larder: Larder, source: Scripted, second: list[Event], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "HELD_BACK_BYTES", most)
    found = []
    for forget in (False, True):
        await source.run(*menu("a", "b", "c"))
        if forget:
            larder.execute("TRUNCATE larder_sync_told")
        report = await source.run(*second)
        counts = (report.staged, report.inserted, report.updated, report.deleted, report.quarantined, report.confirmed)
        found.append((report.state, counts, larder.rows(STORED)))
        larder.execute("TRUNCATE larder_sync_told, larder_item CASCADE")

    assert found[0] == found[1]


async def test_rows_changed_by_hand_are_put_right(larder: Larder, source: Scripted) -> None:
    await source.run(*menu("a", "b"))
    larder.execute("UPDATE larder_item SET name = 'by hand', content_hash = gen_random_uuid() WHERE external_id = 'a'")
    assert told(larder) == []

    await source.run(*menu("a", "b"))

    assert (larder.items(), told(larder)) == (["a", "b"], ["all"])


async def test_what_another_stream_changes_is_compared(larder: Larder, source: Scripted) -> None:
    everything = snapshot(record("a", item("a")), record("a", offer("a", 1)))
    await source.run(*everything)
    await source.run(*snapshot(record("a", offer("a", 2), "prices"), scope="prices"), stream="prices")
    assert told(larder) == ["prices"]

    report = await source.run(*everything)

    assert report.updated == 1
    assert larder.value("SELECT amount FROM larder_offer") == 1
    assert told(larder) == ["all"]


async def test_what_changed_meanwhile_stops_the_run(
    larder: Larder, source: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    await source.run(*menu("a", "b"))
    confirmed = larder.confirmed_at("menu", "unit")
    publish = run.publish  # type: ignore[attr-defined]

    async def late(*args: Any) -> Any:
        larder.execute("UPDATE larder_item SET name = 'by hand' WHERE external_id = 'a'")
        return await publish(*args)

    monkeypatch.setattr(run, "publish", late)
    report = await source.run(*menu("a", "b"))

    assert report.state is State.SUPERSEDED
    assert report.error == "the rows of script/all changed while its supplier was asked"
    assert larder.confirmed_at("menu", "unit") == confirmed


async def test_a_scope_with_a_refused_row_is_compared_until_it_is_whole(larder: Larder, source: Scripted) -> None:
    broken = [*menu("a")[:-1], Record("all", "x", offer("nowhere")), End("all", complete=True)]
    await source.run(*broken)
    assert told(larder) == []
    assert (await source.run(*broken)).quarantined == 1

    await source.run(*menu("a", "nowhere")[:-1], Record("all", "x", offer("nowhere")), End("all", complete=True))

    assert told(larder) == ["all"]


async def test_two_scopes_that_tell_of_one_row_contradict_each_other(larder: Larder, source: Scripted) -> None:
    await source.run(*menu("a", "b", scope="one"), *menu("c", scope="two"))
    assert told(larder) == ["one", "two"]

    for _ in range(2):
        report = await source.run(*menu("a", "b", scope="one"), *menu("c", "a", scope="two"))
        assert [(found.key, found.rule) for found in report.problems] == [("a", "records of one key must agree")]
        assert larder.rows("SELECT scope FROM larder_item WHERE external_id = 'a'") == [("one",)]
    assert (await source.run(*menu("a", "b", scope="one"), *menu("c", scope="two"))).quarantined == 0
    assert told(larder) == ["one", "two"]


async def test_a_row_whose_reference_went_is_found_by_the_next_run(larder: Larder, source: Scripted) -> None:
    prices = snapshot(record("x", offer("a"), "prices"), scope="prices")
    await source.run(*menu("a", "b", scope="items"), *prices)
    await source.run(*menu("b", scope="items"), *prices)
    assert told(larder) == ["items"]

    report = await source.run(*menu("b", scope="items"), *prices)

    assert [(found.key, found.rule) for found in report.problems] == [("x", "item must be a known item")]


async def test_rows_that_another_build_read_are_read_again(
    larder: Larder, source: Scripted, staged: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await source.run(*menu("a", "b"))
    rows = staged()
    monkeypatch.setattr(run, "mapping_fingerprint", lambda _: b"another build")

    await source.run(*menu("a", "b"))

    assert staged() == rows + 2


async def test_publishes_of_one_source_take_turns(larder: Larder, source: Scripted) -> None:
    async with await connect() as other:
        async with other.transaction():
            await other.execute(TAKE_TURNS, ["script"])
            publishing = asyncio.create_task(source.run(*menu("a")))
            async with asyncio.timeout(60):
                while not larder.value(WAITING):  # noqa: ASYNC110 - looks at another connection
                    await asyncio.sleep(0.02)
            assert larder.items() == []
        report = await publishing

    assert (report.state, larder.items()) == (State.PUBLISHED, ["a"])
