"""Hours of menus as schedules."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from tests.sync.toast.published import DINNER, LUNCH, answered, broken, group, item, menu, records


def hours(*entries: Any, **more: Any) -> dict[str, Any]:
    return answered(menu("food", group("mains", item("soup")), availability={"schedule": list(entries), **more}))


def entry(days: Any, *ranges: tuple[Any, Any]) -> dict[str, Any]:
    return {"days": days, "timeRanges": [{"start": start, "end": end} for start, end in ranges]}


def weekly(answer: Any) -> list[tuple[int, time, time]]:
    [schedule] = records(answer, "schedule").values()
    return [(one.day, one.start, one.end) for one in schedule.weekly]


def test_hours_are_local_to_the_restaurant_and_belong_to_the_menu() -> None:
    answer = answered(menu("food", group("mains"), availability=LUNCH))

    [(key, schedule)] = records(answer, "schedule").items()

    assert (key, schedule.timezone) == ("food/hours", "America/New_York")
    assert {found.schedule for found in records(answer, "menu").values()} == {
        "11111111-1111-4111-8111-111111111111/food/hours"
    }


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry(["MONDAY", "SUNDAY"], ("11:00", "14:30"))], [(1, time(11), time(14, 30)), (7, time(11), time(14, 30))]),
        (
            [entry(["FRIDAY"], ("17:00", "02:00"), ("11:00", "14:00"))],
            [(5, time(11), time(14)), (5, time(17), time(2))],
        ),
        ([entry(["FRIDAY"], ("00:00", "00:00"))], [(5, time(), time())]),
        ([entry(["FRIDAY"], ("18:00", "24:00"))], [(5, time(18), time())]),
        ([entry(["FRIDAY"], ("18:00:00", "23:00:00.000"))], [(5, time(18), time(23))]),
        (
            [entry(["FRIDAY"], ("9:00".zfill(5), "10:00")), entry(["FRIDAY"], ("09:00", "10:00"))],
            [(5, time(9), time(10))],
        ),
        ([entry(["FRIDAY"])], []),
        ([], []),
    ],
)
def test_days_and_ranges(entries: list[Any], expected: list[Any]) -> None:
    assert weekly(hours(*entries)) == expected


@pytest.mark.parametrize("availability", [None, {"alwaysAvailable": True}, {"alwaysAvailable": True, "schedule": None}])
def test_a_menu_that_is_always_available_has_no_hours(availability: Any) -> None:
    answer = answered(menu("food", group("mains"), availability=availability))

    assert records(answer, "schedule") == {}
    assert {found.schedule for found in records(answer, "menu").values()} == {None}


@pytest.mark.parametrize(
    ("availability", "rule", "value"),
    [
        ({"schedule": [entry(["Monday"], ("11:00", "12:00"))]}, "a day must be one of MONDAY", "'Monday'"),
        ({"schedule": [entry(["MONDAY"], ("24:00", "12:00"))]}, "start of a time range must be HH:MM", "'24:00'"),
        ({"schedule": [entry(["MONDAY"], ("11:00", "11:60"))]}, "end of a time range must be HH:MM", "'11:60'"),
        ({"schedule": [entry(["MONDAY"], ("11:00", None))]}, "end of a time range must be HH:MM", "None"),
        ({"schedule": "always"}, "schedule must be a list", "always"),
        ({"alwaysAvailable": "yes"}, "alwaysAvailable must be true or false", "'yes'"),
        (7, "an entry must be an object", "7"),
    ],
)
def test_unreadable_hours_are_named_and_open_nothing(availability: Any, rule: str, value: str) -> None:
    answer = answered(menu("food", group("mains"), availability=availability))

    [(kind, key, told, offender)] = broken(answer)
    assert (kind, key, offender) == ("schedule", "food/hours", value)
    assert told.startswith(rule)
    assert all(found.schedule is not None for found in records(answer, "menu").values())


def test_every_menu_has_hours_of_its_own() -> None:
    answer = answered(
        menu("lunch", group("mains", item("soup")), availability=LUNCH),
        menu("dinner", group("mains", item("soup")), availability=DINNER),
    )

    assert list(records(answer, "schedule")) == ["lunch/hours", "dinner/hours"]
