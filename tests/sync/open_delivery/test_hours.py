from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync.records import DatedHours, WeeklyHours
from sync.sources.open_delivery.hours import merged_periods, read_date, read_end, read_holidays, read_time, read_weekly
from sync.sources.open_delivery.shapes import Unreadable
from tests.sync.open_delivery.merchants import hours, period


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:00:00.000Z", time(10)),
        ("10:30:15Z", time(10, 30, 15)),
        ("10:00:00+00:00", time(10)),
        ("10:00:00", time(10)),
        ("10:00", time(10)),
        ("24:00:00.000Z", time()),
    ],
)
def test_a_time_is_read_as_utc(text: str, expected: time) -> None:
    assert read_time("startTime", text) == expected


@pytest.mark.parametrize("value", ["10:00:00-03:00", "25:00:00Z", "noon", "", 10, None])
def test_what_is_no_utc_time_is_refused(value: Any) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_time("startTime", value)

    assert refusal.value.rule == "startTime must be a UTC time such as 10:00:00.000Z"
    assert refusal.value.value == repr(value)


def test_the_last_minute_of_a_day_reaches_midnight() -> None:
    assert [read_end(f"{text}Z") for text in ("23:58:59", "23:59:00", "23:59:59.999")] == [
        time(23, 58, 59),
        time(),
        time(),
    ]


@pytest.mark.parametrize("text", ["2021-05-27", "05/27/2021"])
def test_a_date_may_be_written_as_the_rule_or_as_the_example_has_it(text: str) -> None:
    assert read_date("startDate", text) == date(2021, 5, 27)


@pytest.mark.parametrize("value", ["27/05/2021", "2021-02-30", "2021-05-27T00:00:00Z", 20210527, ""])
def test_another_date_is_refused(value: Any) -> None:
    with pytest.raises(Unreadable, match="startDate must be a date such as 2021-05-27 or 05/27/2021"):
        read_date("startDate", value)


def test_no_date_is_none() -> None:
    assert read_date("startDate", None) is None


def test_weekly_hours_are_by_day_and_joined_where_they_touch() -> None:
    found = read_weekly("weekHours", [hours("14:00", "18:00", "SUNDAY", "MONDAY"), hours("10:00", "14:00", "MONDAY")])

    assert found == (
        WeeklyHours(day=1, start=time(10), end=time(18)),
        WeeklyHours(day=7, start=time(14), end=time(18)),
    )


def test_hours_may_end_on_the_day_after() -> None:
    assert read_weekly("weekHours", [hours("22:00", "02:00", "FRIDAY")]) == (
        WeeklyHours(day=5, start=time(22), end=time(2)),
    )


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (None, "weekHours must be a list that is not empty"),
        ([], "weekHours must be a list that is not empty"),
        ([{"timePeriods": period("10:00", "11:00")}], "weekHours must name its days in dayOfWeek"),
        ([{"dayOfWeek": ["MONDAY"]}], "timePeriods must be an object"),
        ([hours("10:00", "11:00", "FUNDAY")], "dayOfWeek must be one of MONDAY, "),
    ],
)
def test_unreadable_hours_are_refused_by_rule(value: Any, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_weekly("weekHours", value)

    assert refusal.value.rule.startswith(rule)


def test_a_holiday_has_hours_or_is_closed() -> None:
    found = read_holidays(
        [
            {"date": "2025-12-26", "timePeriods": period("16:00", "20:00")},
            {"date": "2025-12-25"},
            {"date": "2025-12-26", "timePeriods": period("10:00", "12:00")},
        ]
    )

    assert found == (
        DatedHours(on=date(2025, 12, 25)),
        DatedHours(on=date(2025, 12, 26), hours=((time(10), time(12)), (time(16), time(20)))),
    )
    assert read_holidays(None) == ()


@pytest.mark.parametrize("value", [3, [{"timePeriods": period("10:00", "12:00")}], ["2025-12-25T"]])
def test_unreadable_holidays_are_refused(value: Any) -> None:
    with pytest.raises(Unreadable):
        read_holidays(value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([(10, 12), (11, 13)], [(10, 13)]),
        ([(10, 12), (12, 13)], [(10, 13)]),
        ([(10, 12), (13, 14)], [(10, 12), (13, 14)]),
        ([(10, 20), (11, 13)], [(10, 20)]),
        ([(22, 2), (23, 1)], [(22, 2)]),
        ([(20, 23), (22, 2)], [(20, 2)]),
        ([(0, 0), (10, 18)], [(0, 0)]),
        ([(0, 0), (23, 1)], [(0, 0), (23, 1)]),
        ([(8, 0), (20, 8)], [(8, 8)]),
    ],
)
def test_intervals_of_a_day_are_joined(given: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    found = merged_periods((time(start), time(end)) for start, end in given)

    assert [(start.hour, end.hour) for start, end in found] == expected


def test_utc_hours_drift_where_clocks_change() -> None:
    """The supplier says 18:00 UTC all year; in Lisbon that is six in winter and seven in summer."""
    (hours_of_monday,) = read_weekly("weekHours", [hours("18:00", "22:00", "MONDAY")])
    lisbon = ZoneInfo("Europe/Lisbon")

    opens = [
        datetime.combine(day, hours_of_monday.start, UTC).astimezone(lisbon).time()
        for day in (date(2025, 1, 6), date(2025, 7, 7))
    ]

    assert opens == [time(18), time(19)]
