"""Records as rows: what is taken, and by which rule the rest is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from catalog.targets import TARGETS
from catalog.targets.hours import MOST_ENTRIES
from sync.records import (
    AvailabilityRecord,
    DatedHours,
    GroupOptionRecord,
    ItemGroupRecord,
    ItemRecord,
    LocationRecord,
    OfferRecord,
    OptionGroupRecord,
    ScheduleRecord,
    WeeklyHours,
)
from sync.tables import tables_of
from sync.targets import Refused

ROWS: dict[str, Callable[[Any], dict[str, Any]]] = {kind: target.row for kind, target in TARGETS.by_kind().items()}
NOON, ONE = time(12), time(13)
CHRISTMAS = date(2026, 12, 25)
ZONE = "Europe/Berlin"


def refusal(kind: str, record: Any) -> tuple[str, object]:
    with pytest.raises(Refused) as found:
        ROWS[kind](record)
    return found.value.rule, found.value.value


def weekly(*hours: tuple[int, time, time]) -> tuple[WeeklyHours, ...]:
    return tuple(WeeklyHours(day=day, start=start, end=end) for day, start, end in hours)


def test_a_schedule_is_the_same_in_whatever_order_it_is_told() -> None:
    first = ScheduleRecord(
        timezone=ZONE,
        weekly=weekly((2, NOON, ONE), (1, time(18, 0, 30), time(0)), (1, NOON, ONE)),
        exceptions=(DatedHours(on=CHRISTMAS), DatedHours(on=date(2026, 1, 1), hours=((NOON, ONE), (time(9), NOON)))),
        last_day=CHRISTMAS,
    )
    second = ScheduleRecord(
        timezone=ZONE,
        weekly=weekly((1, NOON, ONE), (2, NOON, ONE), (1, time(18, 0, 30), time(0)), (1, NOON, ONE)),
        exceptions=(
            DatedHours(on=date(2026, 1, 1), hours=((NOON, ONE),)),
            DatedHours(on=CHRISTMAS),
            DatedHours(on=date(2026, 1, 1), hours=((time(9), NOON),)),
        ),
        last_day=CHRISTMAS,
    )

    row = ROWS["schedule"](first)

    assert row == ROWS["schedule"](second)
    assert row == {
        "timezone": ZONE,
        "weekly": [[1, "12:00", "13:00"], [1, "18:00:30", "00:00"], [2, "12:00", "13:00"]],
        "exceptions": [
            ["2026-01-01", "09:00", "12:00"],
            ["2026-01-01", "12:00", "13:00"],
            ["2026-12-25", None, None],
        ],
        "first_day": None,
        "last_day": "2026-12-25",
    }


@pytest.mark.parametrize(
    ("columns", "rule", "value"),
    [
        ({"timezone": "Europe/Nowhere"}, "timezone must be an IANA name", "Europe/Nowhere"),
        ({"timezone": ""}, "timezone must be an IANA name", ""),
        ({"weekly": weekly((8, NOON, ONE))}, "a day of the week must be between 1 (Monday) and 7", 8),
        ({"weekly": weekly((0, NOON, ONE))}, "a day of the week must be between 1 (Monday) and 7", 0),
        (
            {"weekly": weekly((1, NOON.replace(tzinfo=UTC), ONE))},
            "hours must be local times, without a UTC offset",
            "12:00:00+00:00",
        ),
        (
            {"exceptions": (DatedHours(on=CHRISTMAS), DatedHours(on=CHRISTMAS, hours=((NOON, ONE),)))},
            "a date must not be closed and have hours",
            "2026-12-25",
        ),
        (
            {"first_day": CHRISTMAS, "last_day": date(2026, 12, 24)},
            "last_day must not be before first_day",
            "2026-12-25 to 2026-12-24",
        ),
        (
            {"weekly": weekly(*((1, time(0, 0, 0, n), ONE) for n in range(MOST_ENTRIES + 1)))},
            "a schedule must have at most 1000 weekly hours",
            1001,
        ),
    ],
)
def test_a_schedule_that_is_none_is_refused(columns: dict[str, Any], rule: str, value: object) -> None:
    assert refusal("schedule", ScheduleRecord(**{"timezone": ZONE, **columns})) == (rule, value)


@pytest.mark.parametrize(
    ("kind", "record", "rule", "value"),
    [
        ("option_group", OptionGroupRecord(name="x", language="de", least=-1), "the least number of options", -1),
        ("option_group", OptionGroupRecord(name="x", language="de", least=3, most=2), "the most options", "3 to 2"),
        ("option_group", OptionGroupRecord(name="x", language="de", price_method="MEDIAN"), "price method", "MEDIAN"),
        ("option_group", OptionGroupRecord(name="x", language="german-text"), "language", "german-text"),
        ("group_option", GroupOptionRecord(group="g", item="i", position=-1), "position", -1),
        ("item_group", ItemGroupRecord(item="i", group="g", position=0, least=1, most=0), "the most options", "1 to 0"),
        ("item", ItemRecord(name="x", language="de", media=("javascript:alert(1)",)), "media", "javascript:alert(1)"),
        (
            "location",
            LocationRecord(slug="x", name="x", timezone=ZONE, currency="EUR", paused_until=datetime(2026, 1, 1)),  # noqa: DTZ001 - that is the point
            "a time must carry its UTC offset",
            "2026-01-01T00:00:00",
        ),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused_with_the_value(
    kind: str, record: Any, rule: str, value: object
) -> None:
    told, offender = refusal(kind, record)

    assert told.startswith(rule)
    assert offender == value


def test_a_most_that_is_told_overrides_the_groups() -> None:
    told = ItemGroupRecord(item="i", group="g", position=0, most=2)
    unlimited = ItemGroupRecord(item="i", group="g", position=0, most_overridden=True)
    silent = ItemGroupRecord(item="i", group="g", position=0)

    rows = [ROWS["item_group"](record) for record in (told, unlimited, silent)]

    assert [(row["most"], row["most_overridden"]) for row in rows] == [(2, True), (None, True), (None, False)]


def test_every_kind_of_record_fills_columns_that_its_table_has() -> None:
    records: dict[str, Any] = {
        "schedule": ScheduleRecord(timezone=ZONE),
        "location": LocationRecord(slug="x", name="x", timezone=ZONE, currency="EUR", schedule="s"),
        "item": ItemRecord(name="x", language="de", media=("https://x/1.jpg", "https://x/1.jpg")),
        "option_group": OptionGroupRecord(name="x", language="de"),
        "group_option": GroupOptionRecord(group="g", item="i", position=0),
        "item_group": ItemGroupRecord(item="i", group="g", position=0),
        "offer": OfferRecord(item="i", currency="EUR", group="g", schedule="s"),
        "availability": AvailabilityRecord(state="AVAILABLE", item="i", location="l"),
    }

    for table in tables_of(TARGETS, ["menu", "price", "availability"]):
        if table.kind in records:
            assert table.staged(ROWS[table.kind](records[table.kind]))


def test_what_is_referred_to_is_published_first() -> None:
    order = [target.kind for target in TARGETS.targets]

    for target in TARGETS.targets:
        for kind in target.references.values():
            assert order.index(kind) <= order.index(target.kind), (target.kind, kind)
