"""Locations, opening hours and sections."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from sync.errors import SettingsError
from sync.protocol import Malformed, Record
from sync.records import WeeklyHours
from sync.settings import SourceSettings
from sync.sources import source_kind
from sync.sources.square.options import SquareOptions
from sync.sources.square.place_shapes import read_location
from sync.sources.square.places import location_events
from sync.sources.square.sections import section_events
from sync.sources.square.unreadable import Unreadable
from tests.sync.square.test_items import read

PLACE = {"id": "L1", "merchant_id": "M", "name": "Grant Park", "timezone": "America/Los_Angeles", "currency": "USD"}
OPTIONS = SquareOptions()


def location(**data: Any) -> Any:
    return read_location(msgspec.Raw(msgspec.json.encode({**PLACE, **data})))


def events(found: Any, **options: Any) -> list[Any]:
    return list(location_events("L1", "L1//refused", found, SquareOptions(**options)))


def payloads(found: list[Any]) -> dict[str, Any]:
    return {event.key: event.payload for event in found if isinstance(event, Record)}


def test_a_location() -> None:
    address = {"address_line_1": "123 Main St", "locality": "San Francisco", "postal_code": "94114", "country": "US"}
    where = {"latitude": 33.7889, "longitude": -84.3841}

    found = payloads(events(location(address=address, coordinates=where), channels=("PICKUP", "DINE_IN")))

    assert set(found) == {"L1", "L1/PICKUP", "L1/DINE_IN"}
    assert (found["L1"].slug, found["L1"].name, found["L1"].currency) == ("grant-park-L1", "Grant Park", "USD")
    assert found["L1"].address == "123 Main St, 94114 San Francisco, US"
    assert (found["L1"].latitude, found["L1"].longitude) == (Decimal("33.7889"), Decimal("-84.3841"))
    assert found["L1"].schedule is None


def test_business_hours_are_the_location_s_schedule() -> None:
    periods = [
        {"day_of_week": "MON", "start_local_time": "8:30:00", "end_local_time": "21:00:00"},
        {"day_of_week": "SUN", "start_local_time": "18:00", "end_local_time": "24:00:00"},
    ]

    found = payloads(events(location(business_hours={"periods": periods})))

    assert found["L1"].schedule == "L1/hours"
    assert found["L1/hours"].timezone == "America/Los_Angeles"
    assert found["L1/hours"].weekly == (
        WeeklyHours(day=1, start=time(8, 30), end=time(21)),
        WeeklyHours(day=7, start=time(18), end=time(0)),
    )


@pytest.mark.parametrize(
    ("period", "rule"),
    [
        ({"day_of_week": "FUN"}, "day_of_week must be one of"),
        ({"day_of_week": "MON", "start_local_time": "25:00", "end_local_time": "26:00"}, "a time of day must be"),
        ({"day_of_week": "MON", "start_local_time": "08:00"}, "a time of day must be"),
        ({"day_of_week": "MON", "start_local_time": "08:00", "end_local_time": "24:30"}, "a time of day must be"),
    ],
)
def test_hours_that_cannot_be_read_leave_the_location(period: dict[str, str], rule: str) -> None:
    found = events(location(business_hours={"periods": [period]}))

    [broken] = [event for event in found if isinstance(event, Malformed)]
    assert (broken.kind, broken.key) == ("schedule", "L1/hours")
    assert broken.rule.startswith(rule)
    assert payloads(found)["L1"].schedule is None


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ({"timezone": "Mars"}, "a timezone must be an IANA name"),
        ({"timezone": "../../etc/passwd"}, "a timezone must be an IANA name"),
        ({"currency": "usd"}, "a currency must be three capital letters"),
        ({"name": " "}, "a location must have a name"),
        ({"name": None}, "a location must have a name, a timezone"),
    ],
)
def test_a_location_that_cannot_be_read(data: dict[str, Any], rule: str) -> None:
    with pytest.raises(Unreadable, match=rule):
        location(**data)


def category(key: str, name: str | None = "Name", **data: Any) -> Any:
    return read({"type": "CATEGORY", "id": key, "category_data": {"name": name, **data}})


def sections(*categories: Any) -> dict[str, Any]:
    found = {one.id: one for one in categories}
    return {
        key.rpartition("/")[2]: (record.parent and record.parent.rpartition("/")[2], record.position)
        for key, record in payloads(list(section_events("L1", "L1//refused", "L1", found, OPTIONS))).items()
    }


def test_categories_are_sections_in_their_order_parents_first() -> None:
    found = sections(
        category("A", parent_category={"id": "C", "ordinal": 1}),
        category("B", parent_category={"ordinal": 5}),
        category("C", parent_category={"ordinal": 2}),
        category("K", category_type="KITCHEN_CATEGORY"),
        category("D", parent_category={"id": "K"}),
    )

    assert found == {"D": (None, 0), "C": (None, 1), "B": (None, 2), "A": ("C", 3)}


def test_categories_in_a_circle_have_no_parent() -> None:
    found = sections(
        category("A", parent_category={"id": "B"}),
        category("B", parent_category={"id": "A"}),
        category("C", parent_category={"id": "A"}),
        category("S", parent_category={"id": "S"}),
    )

    assert {key: parent for key, (parent, _) in found.items()} == {"A": None, "B": None, "C": "A", "S": None}


def test_a_category_without_a_name_is_named() -> None:
    found = list(section_events("L1", "L1//refused", "L1", {"A": category("A", None)}, OPTIONS))

    assert found == [
        Malformed("L1//refused", "section", "L1/PICKUP/A", "a category must have a name", "None"),
    ]


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"channels": []}, "channels"),
        ({"channels": ["DRIVE_IN"]}, "channels"),
        ({"channels": "PICKUP"}, "channels"),
        ({"channels": [["PICKUP"]]}, "channels"),
        ({"merchant": 7}, "merchant"),
        ({"language": ""}, "language"),
        ({"reconcile_hours": -1}, "reconcile_hours"),
        ({"reconcile_hours": True}, "reconcile_hours"),
        ({"page_size": 1001}, "page_size"),
        ({"page_size": 2.5}, "page_size"),
        ({"flavour": "sweet"}, ""),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], place: str) -> None:
    settings = SourceSettings("shop", "square", "https://example.org", options=options)

    with pytest.raises(SettingsError, match=f"sources.shop.options{'.' if place else ' '}{place}"):
        source_kind(settings).open(settings)
