"""Sources of other shapes: deltas, tombstones, references, and rows that only the database can refuse."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync import sources
from sync.errors import SettingsError
from sync.protocol import Begin, Checkpoint, Event, Failed, Malformed, Mode, Tombstone
from sync.records import MenuRecord, PlacementRecord, SectionRecord
from sync.runner import run_stream
from sync.runs import State
from sync.settings import SourceSettings
from sync.sources import SourceKind, StreamKind, always
from tests.sync.larder import Larder
from tests.sync.scripted import Scripted, item, location, offer, record, snapshot


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch, store: str) -> Scripted:
    scripted = Scripted()
    kind = SourceKind(lambda _: scripted, always(all=StreamKind(("menu", "price"), 60)))
    monkeypatch.setitem(sources.KINDS, "scripted", kind)
    return scripted


async def test_a_delta_deletes_only_what_it_says_is_gone(larder: Larder, source: Scripted) -> None:
    await source.run(*snapshot(*[record(name, item(name)) for name in "abc"], mode=Mode.DELTA))

    report = await source.run(*snapshot(Tombstone("all", "item", "a"), record("b", item("B")), mode=Mode.DELTA))

    assert (report.updated, report.deleted, larder.items()) == (1, 1, ["B", "c"])
    again = await source.run(*snapshot(Tombstone("all", "item", "a"), mode=Mode.DELTA))
    assert (again.changed, larder.items()) == (0, ["B", "c"])


async def test_absence_means_nothing_in_a_scope_that_is_not_complete(larder: Larder, source: Scripted) -> None:
    first = await source.run(*snapshot(record("a", item("a")), record("b", item("b"))))

    report = await source.run(*snapshot(record("c", item("c")), complete=False), Checkpoint("unit", {"page": 1}))

    assert (report.inserted, report.deleted, report.confirmed) == (1, 0, 0)
    assert larder.items() == ["a", "b", "c"]
    assert larder.confirmed_at("menu", "unit") == first.started_at
    assert larder.value("SELECT cursor FROM larder_sync_stream") == {}


async def test_scopes_that_are_not_mentioned_are_left_alone(larder: Larder, source: Scripted) -> None:
    await source.run(*snapshot(record("a", item("a"))), *snapshot(record("b", item("b"), "other"), scope="other"))

    await source.run(*snapshot())

    assert larder.items() == ["b"]


async def test_a_row_may_move_to_another_scope(larder: Larder, source: Scripted) -> None:
    await source.run(*snapshot(record("a", item("a"))))

    report = await source.run(*snapshot(), *snapshot(record("a", item("a"), "other"), scope="other"))

    assert (report.updated, report.deleted) == (1, 0)
    assert larder.rows("SELECT scope FROM larder_item WHERE deleted_at IS NULL") == [("other",)]


async def test_references_resolve_within_a_run_whatever_the_order(larder: Larder, source: Scripted) -> None:
    sections = [
        record("child", SectionRecord(menu="m", parent="parent", name="child", position=1)),
        record("parent", SectionRecord(menu="m", name="parent", position=0)),
    ]
    menu = record("m", MenuRecord(location="l", name="m", channel="PICKUP"))

    report = await source.run(*snapshot(*sections, menu, record("l", location("l"))))

    assert (report.inserted, report.problems) == (4, ())
    tree = "SELECT c.name, p.name FROM larder_section c JOIN larder_section p ON p.id = c.parent_id"
    assert larder.rows(tree) == [("child", "parent")]
    assert (await source.run(*snapshot(*sections, menu, record("l", location("l"))))).changed == 0


async def test_what_refers_to_nothing_is_refused_with_all_that_hangs_on_it(larder: Larder, source: Scripted) -> None:
    menu = record("m", MenuRecord(location="l", name="m", channel="PICKUP"))
    sections = [
        record("a", SectionRecord(menu="m", parent="nobody", name="a", position=0)),
        record("b", SectionRecord(menu="m", parent="a", name="b", position=0)),
    ]
    placement = record("p", PlacementRecord(section="b", item="i", position=0))

    report = await source.run(*snapshot(record("l", location("l")), menu, *sections, record("i", item("i")), placement))

    assert [(problem.key, problem.rule, problem.value) for problem in report.problems] == [
        ("a", "parent must be a known section", "nobody"),
        ("b", "parent must be a known section", "a"),
        ("p", "section must be a known section", "b"),
    ]
    assert (report.inserted, report.quarantined, larder.items()) == (3, 3, ["i"])


async def test_a_reference_to_what_this_run_deletes_is_refused(larder: Larder, source: Scripted) -> None:
    await source.run(*snapshot(record("i", item("i"))))

    report = await source.run(*snapshot(record("o", offer("i"))))

    assert [problem.rule for problem in report.problems] == ["item must be a known item"]


async def test_a_row_that_only_the_database_refuses_is_singled_out(larder: Larder, source: Scripted) -> None:
    rows = [record(f"i{number:02}", item(f"i{number:02}")) for number in range(40)]
    offers = [record(f"o{number:02}", offer(f"i{number:02}", number)) for number in range(40)]
    bad: dict[int, dict[str, Any]] = {7: {"currency": "euro"}, 21: {"per_unit_amount": Decimal(1)}}
    for number, wrong in bad.items():
        offers[number] = record(f"o{number:02}", offer(f"i{number:02}", number, **wrong))

    report = await source.run(*snapshot(*rows, *offers))

    assert (report.state, report.inserted, report.quarantined) == (State.PUBLISHED, 78, 2)
    assert [(problem.key, problem.rule) for problem in report.problems] == [
        ("o07", "the database must accept the row"),
        ("o21", "larder_offer_unit"),
    ]


async def test_too_many_such_rows_fail_the_run(larder: Larder, source: Scripted) -> None:
    rows = [record(f"i{number}", item(f"i{number}")) for number in range(60)]
    offers = [record(f"o{number}", offer(f"i{number}", currency="euro")) for number in range(60)]

    report = await source.run(*snapshot(*rows, *offers))

    assert (report.state, larder.items()) == (State.FAILED, [])
    assert report.error.startswith(
        "TooManyRefused: the database refuses more than 50 rows, the last one: value too long"
    )


async def test_an_offer_that_overlaps_an_equal_one_is_refused(larder: Larder, source: Scripted) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    offers = [
        record("first", offer("i", 1, valid_until=noon)),
        record("overlapping", offer("i", 2, valid_from=noon - timedelta(hours=1))),
        record("later", offer("i", 3, valid_from=noon)),
    ]

    report = await source.run(*snapshot(record("i", item("i")), *offers[:1], *offers[2:]))
    second = await source.run(*snapshot(record("i", item("i")), *offers))

    assert (report.inserted, report.problems) == (3, ())
    assert [(problem.key, problem.rule) for problem in second.problems] == [
        ("overlapping", "prices of equal rank must not overlap")
    ]


async def test_rows_may_swap_what_is_unique_between_deleted_and_new_ones(larder: Larder, source: Scripted) -> None:
    menu = [
        record("l", location("l")),
        record("m", MenuRecord(location="l", name="m", channel="PICKUP")),
        record("s", SectionRecord(menu="m", name="s", position=0)),
        record("i", item("i")),
    ]
    await source.run(*snapshot(*menu, record("p1", PlacementRecord(section="s", item="i", position=0))))

    report = await source.run(*snapshot(*menu, record("p2", PlacementRecord(section="s", item="i", position=0))))

    assert (report.inserted, report.deleted, report.problems) == (1, 1, ())


async def test_equal_records_of_one_key_are_one_and_different_ones_are_none(larder: Larder, source: Scripted) -> None:
    await source.run(*snapshot(record("a", item("a")), record("b", item("b"))))

    report = await source.run(
        *snapshot(record("a", item("a")), record("a", item("a")), record("b", item("x")), record("b", item("y")))
    )

    assert (report.changed, larder.items()) == (0, ["a", "b"])
    assert [(problem.key, problem.rule, problem.value) for problem in report.problems] == [
        ("b", "records of one key must agree", "2 records")
    ]


async def test_an_empty_key_deletes_nothing_in_its_scope(larder: Larder, source: Scripted) -> None:
    await source.run(*snapshot(record("a", item("a"))))

    report = await source.run(*snapshot(record("", item("b"))))

    assert (report.deleted, larder.items()) == (0, ["a"])
    assert [(problem.key, problem.rule) for problem in report.problems] == [(None, "a key must not be empty")]


@pytest.mark.parametrize(
    ("events", "error"),
    [
        ([record("a", item("a"))], "scope 'all' is not open"),
        ([*snapshot(), *snapshot()], "scope 'all' begins twice"),
        ([*snapshot(), record("a", item("a"))], "scope 'all' is not open"),
        ([*snapshot(Tombstone("all", "availability", "a"))], "a record of kind 'availability' in a stream"),
    ],
)
async def test_a_source_that_breaks_the_protocol_fails_its_run(
    larder: Larder, source: Scripted, events: list[Event], error: str
) -> None:
    report = await source.run(*events)

    assert report.state is State.FAILED
    assert report.error.startswith(f"ProtocolBroken: {error}")


async def test_a_scope_that_never_ends_confirms_nothing(larder: Larder, source: Scripted) -> None:
    report = await source.run(Begin("all", Mode.SNAPSHOT, "all", "unit"), record("a", item("a")))

    assert (report.state, report.confirmed, larder.confirmed_at("menu", "unit")) == (State.PUBLISHED, 0, None)


async def test_the_cursor_comes_back_exactly_and_goes_with_the_data(larder: Larder, source: Scripted) -> None:
    exact = {"at": Decimal("1.10"), "seen": ["a"]}
    await source.run(*snapshot(record("a", item("a"))), Checkpoint("unit", {"x": exact, "y": 1}))
    await source.run(*snapshot(record("a", item("a"))), Checkpoint("unit", {"y": None, "z": 2}))
    await source.run(Failed("unit", "doc", "must be", "x"), *snapshot(), Checkpoint("unit", {"x": 3}))
    await source.run(*snapshot(Malformed("all", "item", "a", "rule", "v")), Checkpoint("unit", {"x": 4, "w": 5}))
    await source.run()

    first = {"x": exact, "y": 1}
    assert source.cursors == [{}, first, {"x": exact, "z": 2}, {"x": exact, "z": 2}, {"z": 2}]


async def test_a_source_that_raises_fails_its_run_in_one_line(
    larder: Larder, source: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pull(*_: Any) -> AsyncGenerator[Event, None]:
        yield Begin("all", Mode.SNAPSHOT, "all", "unit")
        raise RuntimeError("out of\nluck")

    monkeypatch.setattr(source, "pull", pull)

    report = await source.run()

    assert (report.state, report.error) == (State.FAILED, "RuntimeError: out of luck")
    assert larder.value("SELECT leased_until FROM larder_sync_stream") is None


async def test_a_kind_that_nobody_registered_is_a_clear_error(store: str) -> None:
    with pytest.raises(SettingsError, match=r"sources.a.kind must be one of eat_api"):
        await run_stream(SourceSettings("a", "nobody", "http://h"), "menu")


async def test_price_history_notes_prices_and_nothing_else(larder: Larder, source: Scripted) -> None:
    until = datetime(2030, 1, 1, tzinfo=UTC)
    await source.run(*snapshot(record("i", item("i")), record("o", offer("i"))))

    report = await source.run(*snapshot(record("i", item("i")), record("o", offer("i", valid_until=until))))

    assert (report.updated, larder.value("SELECT count(*) FROM larder_price_change")) == (1, 1)


@pytest.mark.parametrize(("refused", "state", "stored"), [(30, State.PUBLISHED, 970), (60, State.HELD, 0)])
async def test_a_run_of_which_more_than_a_twentieth_is_refused_is_held(
    larder: Larder, source: Scripted, refused: int, state: State, stored: int
) -> None:
    good = [record(f"i{number}", item(str(number))) for number in range(1000 - refused)]
    bad = [Malformed("all", "item", f"b{number}", "a name must be text", "7") for number in range(refused)]

    report = await source.run(*snapshot(*good, *bad))

    assert (report.state, report.quarantined) == (state, refused)
    assert larder.value("SELECT count(*) FROM larder_item") == stored
    assert larder.value("SELECT count(*) FROM larder_sync_quarantine") == (refused if stored else 0)
