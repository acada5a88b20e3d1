from __future__ import annotations

from datetime import date, time
from typing import Any

from sync.records import DatedHours, ScheduleRecord, WeeklyHours
from tests.sync.open_delivery.merchants import changed, hours, merchant, period, read, refused, service


def every_day(start: int, end: int) -> tuple[WeeklyHours, ...]:
    return tuple(WeeklyHours(day=day, start=time(start), end=time(end)) for day in range(1, 8))


def availabilities(*entries: dict[str, Any], of: str = "banana") -> dict[str, Any]:
    """The document with availabilities, all of which one item offer names."""
    found = changed("itemOffers", of, availabilityId=[entry["id"] for entry in entries])
    return {**found, "availabilities": list(entries)}


def test_an_availability_is_a_schedule_in_utc() -> None:
    found = read(merchant())

    assert found["schedule", "availability/evening"] == ScheduleRecord(timezone="UTC", weekly=every_day(18, 22))


def test_dates_bound_it() -> None:
    entry = {"id": "may", "startDate": "05/01/2021", "endDate": "2021-05-30", "hours": [hours("10:00", "12:00")]}

    found = read(availabilities(entry))["schedule", "availability/may"]

    assert (found.first_day, found.last_day) == (date(2021, 5, 1), date(2021, 5, 30))


def test_what_names_no_availability_is_always_served() -> None:
    found = read(changed("categories", "salted", availabilityId=[]))

    assert found["offer", "itemOffer/large"].schedule is None
    assert found["section", "delivery/salted"].schedule is None


def test_several_availabilities_are_told_as_one() -> None:
    lunch = {"id": "lunch", "hours": [hours("11:00", "14:00")]}
    evening = {"id": "evening", "hours": [hours("18:00", "22:00")]}

    found = read(availabilities(lunch, evening))

    assert found["offer", "itemOffer/banana"].schedule == "availability/evening+lunch"
    together = found["schedule", "availability/evening+lunch"]
    assert together.weekly[:2] == (
        WeeklyHours(day=1, start=time(11), end=time(14)),
        WeeklyHours(day=1, start=time(18), end=time(22)),
    )


def test_a_season_beside_what_lasts_is_told_by_its_days() -> None:
    always = {"id": "always", "hours": [hours("18:00", "22:00")]}
    fair = {
        "id": "fair",
        "startDate": "2025-12-06",
        "endDate": "2025-12-08",
        "hours": [hours("17:00", "19:00", "SATURDAY", "SUNDAY")],
    }

    found = read(availabilities(always, fair))["schedule", "availability/always+fair"]

    assert found.weekly == every_day(18, 22)
    assert found.exceptions == (
        DatedHours(on=date(2025, 12, 6), hours=((time(17), time(22)),)),
        DatedHours(on=date(2025, 12, 7), hours=((time(17), time(22)),)),
        DatedHours(on=date(2025, 12, 8), hours=((time(18), time(22)),)),
    )


def test_seasons_that_cannot_be_told_as_one_are_refused() -> None:
    until = {"id": "until", "endDate": "2025-06-30", "hours": [hours("18:00", "22:00")]}
    since = {"id": "since", "startDate": "2025-07-01", "hours": [hours("19:00", "23:00")]}

    found = refused(read(availabilities(until, since)))

    assert found == {
        ("schedule", "availability/since+until"): (
            "availabilities of one entity must have the same dates, or begin and end within 366 days",
            "2025-07-01 to always",
        )
    }


def test_a_season_of_more_than_a_year_is_not_told_by_its_days() -> None:
    always = {"id": "always", "hours": [hours("18:00", "22:00")]}
    long = {"id": "long", "startDate": "2025-01-01", "endDate": "2026-01-02", "hours": [hours("10:00", "12:00")]}

    found = refused(read(availabilities(always, long)))

    assert [value for _, value in found.values()] == ["2025-01-01 to 2026-01-02"]


def test_an_unknown_availability_is_refused_where_it_is_named() -> None:
    found = refused(read(changed("itemOffers", "banana", availabilityId=["evening", "nowhen"])))

    assert found["offer", "itemOffer/banana"] == ("availabilityId must be one of the availabilities", "'nowhen'")


def test_unreadable_availabilities_are_refused_and_the_rest_is_read() -> None:
    backwards = {"id": "b", "startDate": "2025-06-30", "endDate": "2025-06-01", "hours": [hours("18:00", "22:00")]}
    empty = {"id": "e", "hours": []}

    found = read({**merchant(), "availabilities": [backwards, empty, merchant()["availabilities"][0]]})

    assert refused(found) == {
        ("schedule", "availability/b"): ("endDate must not be before startDate", "2025-06-30 to 2025-06-01"),
        ("schedule", "availability/e"): ("hours must be a list that is not empty", "[]"),
    }


def test_service_hours_are_the_menus_and_together_the_merchants() -> None:
    holiday = [{"date": "2025-12-25"}]
    delivery = service("delivery", "DELIVERY", hours("18:00", "22:00", "MONDAY", "THURSDAY"))
    delivery["serviceHours"]["holidayHours"] = holiday
    takeout = service("takeout", "TAKEOUT", hours("11:00", "19:00", "MONDAY", "THURSDAY"))

    found = read(merchant(services=[delivery, takeout]))

    assert found["menu", "delivery"].schedule == "service/delivery"
    assert found["schedule", "service/delivery"].exceptions == (DatedHours(on=date(2025, 12, 25)),)
    assert found["location", merchant()["id"]].schedule == "opening"
    assert found["schedule", "opening"] == ScheduleRecord(
        timezone="UTC",
        weekly=(WeeklyHours(day=1, start=time(11), end=time(22)), WeeklyHours(day=4, start=time(11), end=time(22))),
        exceptions=(DatedHours(on=date(2025, 12, 25), hours=((time(11), time(19)),)),),
    )


def test_a_service_that_is_unavailable_is_never_open() -> None:
    services = [
        service("delivery", "DELIVERY", hours("18:00", "22:00", "MONDAY"), status="UNAVAILABLE"),
        service("takeout", "TAKEOUT", hours("11:00", "12:00", "MONDAY")),
    ]

    found = read(merchant(services=services))

    assert found["menu", "delivery"].schedule == "never"
    assert found["schedule", "never"] == ScheduleRecord(timezone="UTC")
    assert found["schedule", "opening"].weekly == (WeeklyHours(day=1, start=time(11), end=time(12)),)


def test_with_unreadable_hours_the_merchants_are_not_known_either() -> None:
    broken = service("takeout", "TAKEOUT")
    broken["serviceHours"]["weekHours"][0]["timePeriods"] = period("10:00", "25:00")

    found = refused(read(merchant(services=[service("delivery", "DELIVERY"), broken])))

    assert set(found) == {("schedule", "service/takeout"), ("schedule", "opening")}
