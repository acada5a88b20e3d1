"""When menus are asked for, and when they are not believed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sync.protocol import Begin, Checkpoint, End, Event, Failed, Mode, Record, Unchanged
from tests.sync.toast.asked import INVENTORY, MENUS, METADATA, Supplier
from tests.sync.toast.published import GUID, OTHER, TOLD, item, selling

OLD, NEW = "2026-03-01T12:00:00.000+0000", "2026-03-02T12:00:00.000+0000"


def soup(version: str = OLD) -> dict[str, Any]:
    return selling(item("soup"), lastUpdated=version)


def failures(events: list[Event]) -> list[tuple[str | None, str, str, str]]:
    return [(event.confirms, event.document, event.rule, event.value) for event in events if isinstance(event, Failed)]


def complete(events: list[Event]) -> list[bool]:
    return [event.complete for event in events if isinstance(event, End)]


async def test_menus_are_asked_for_once_per_version() -> None:
    supplier, cursor = Supplier(), dict[str, Any]()
    supplier.says(OLD, soup())

    first = await supplier.pull("menu", cursor)
    asked_first = supplier.paths()
    second = await supplier.pull("menu", cursor)
    asked_second = supplier.paths()
    supplier.says(NEW, soup(NEW))
    third = await supplier.pull("menu", cursor)

    assert (asked_first, asked_second, supplier.paths()) == ([METADATA, MENUS], [METADATA], [METADATA, MENUS])
    assert complete(first) == complete(third) == [True]
    assert second == [Unchanged(GUID, f"{METADATA} of {GUID}", TOLD, guarded=(GUID,))]


async def test_a_version_is_an_instant_however_it_is_written() -> None:
    supplier, cursor = Supplier(), dict[str, Any]()
    supplier.says(OLD, soup())
    await supplier.pull("menu", cursor)
    supplier.says("2026-03-01T07:00:00.000-05:00")

    assert [type(event) for event in await supplier.pull("menu", cursor)] == [Unchanged]


async def test_menus_that_lag_behind_their_metadata_are_left_to_the_next_run() -> None:
    supplier, cursor = Supplier(), dict[str, Any]()
    supplier.says(OLD, soup())
    await supplier.pull("menu", cursor)
    kept = dict(cursor)
    supplier.says(NEW)

    lagging = await supplier.pull("menu", cursor)
    kept_then = dict(cursor)
    supplier.says(NEW, soup(NEW))
    caught_up = await supplier.pull("menu", cursor)

    assert failures(lagging) == [
        (
            f"{MENUS} of {GUID}",
            f"{MENUS} of {GUID}",
            "menus must be as new as their metadata",
            "2026-03-01T12:00:00+00:00 for 2026-03-02T12:00:00+00:00",
        )
    ]
    assert complete(lagging) == [False]
    assert not [event for event in lagging if isinstance(event, Record)]
    assert kept_then == kept
    assert complete(caught_up) == [True]


async def test_menus_that_are_newer_than_their_metadata_are_read_once() -> None:
    supplier, cursor = Supplier(), dict[str, Any]()
    supplier.says(OLD, soup(NEW))

    first = await supplier.pull("menu", cursor)
    supplier.says(NEW)
    second = await supplier.pull("menu", cursor)

    assert complete(first) == [True]
    assert [type(event) for event in second] == [Unchanged]


async def test_a_version_that_goes_back_is_not_read() -> None:
    supplier, cursor = Supplier(), dict[str, Any]()
    supplier.says(NEW, soup(NEW))
    await supplier.pull("menu", cursor)
    kept = dict(cursor)
    supplier.paths()
    supplier.says(OLD, soup())

    back = await supplier.pull("menu", cursor)

    assert failures(back) == [
        (
            f"{METADATA} of {GUID}",
            f"{METADATA} of {GUID}",
            "lastUpdated must not go back",
            "2026-03-01T12:00:00+00:00 after 2026-03-02T12:00:00+00:00",
        )
    ]
    assert (complete(back), supplier.paths(), cursor) == ([False], [METADATA], kept)


@pytest.mark.parametrize("days", [1, -1])
async def test_a_clock_that_was_wrong_is_forgotten(days: int) -> None:
    """Ahead: the version had is ahead of the clock once that is right. Behind: it is ahead while the clock is wrong."""
    supplier, cursor = Supplier(), dict[str, Any]()
    wrong = (TOLD + timedelta(days=days)).isoformat()
    supplier.says(NEW, soup(NEW))
    await supplier.pull("menu", cursor)
    supplier.now = TOLD + timedelta(days=days)
    supplier.says(wrong, soup(wrong))

    skewed = await supplier.pull("menu", cursor)
    supplier.now = TOLD
    supplier.says(NEW, soup(NEW))
    right = await supplier.pull("menu", cursor)

    assert (complete(skewed), complete(right)) == ([True], [True])
    assert cursor[GUID]["lastUpdated"] == "2026-03-02T12:00:00+00:00"


async def test_without_a_clock_a_version_is_believed() -> None:
    supplier, cursor = Supplier(now=None), dict[str, Any]()
    supplier.says(NEW, soup(NEW))
    await supplier.pull("menu", cursor)

    assert [type(event) for event in await supplier.pull("menu", cursor)] == [Unchanged]


async def test_menus_are_read_again_when_the_options_say_something_else() -> None:
    supplier, cursor = Supplier(), dict[str, Any]()
    supplier.says(OLD, soup())
    await supplier.pull("menu", cursor)

    again = await supplier.pull("menu", cursor, currency="CAD")

    assert complete(again) == [True]


BAD: dict[str, tuple[Any, str]] = {
    "absent": (404, "the restaurant must have published"),
    "html": (b"<html>", "a document must be JSON"),
    "cut": (b'{"restaurantGuid":', "a document must be JSON"),
    "a list": ([], "a document must have the documented shape"),
    "no version": ({"restaurantGuid": GUID}, "a document must have the documented shape"),
    "no time": ({**soup(), "lastUpdated": "yesterday"}, "a document must have the documented shape"),
    "no offset": ({**soup(), "lastUpdated": "2026-03-02T12:00:00"}, "lastUpdated must carry its UTC offset"),
    "another's": ({**soup(), "restaurantGuid": OTHER}, "restaurantGuid must be the one that was asked about"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("path", [METADATA, MENUS])
async def test_a_bad_answer_fails_its_restaurant_alone(case: str, path: str) -> None:
    supplier, cursor = Supplier(), dict[str, Any]()
    for guid in (GUID, OTHER):
        supplier.says(OLD, soup(), guid)
    answer, rule = BAD[case]
    supplier.put(path, answer)

    events = await supplier.pull("menu", cursor, restaurants=[GUID, OTHER])

    [(confirms, document, broken, _)] = failures(events)
    assert (confirms, document) == (GUID, f"{path} of {GUID}")
    assert broken == rule
    assert set(cursor) == {OTHER}
    assert complete(events) == [True]


async def test_a_supplier_that_refuses_is_told_of_each_restaurant() -> None:
    supplier = Supplier()

    events = await supplier.pull("menu", restaurants=[GUID, OTHER])

    assert {confirms for confirms, _, _, _ in failures(events)} == {GUID, OTHER}


@pytest.mark.parametrize(("stream", "path"), [("menu", METADATA), ("stock", INVENTORY)])
async def test_a_restaurant_that_is_declared_no_longer_loses_its_rows(stream: str, path: str) -> None:
    supplier, cursor = Supplier(), dict[str, Any]()
    for guid in (GUID, OTHER):
        supplier.says(OLD, soup(), guid)
        supplier.put(INVENTORY, [], guid)
    await supplier.pull(stream, cursor, restaurants=[GUID, OTHER])
    supplier.paths()

    begin, end, checkpoint, *_ = await supplier.pull(stream, cursor)

    assert begin == Begin(stream, Mode.SNAPSHOT, OTHER, confirms=OTHER, guarded=True)
    assert end == End(OTHER, complete=True)
    assert checkpoint == Checkpoint(OTHER, {OTHER: None})
    assert supplier.paths() == [path]
