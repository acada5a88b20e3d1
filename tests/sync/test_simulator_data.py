from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from sync.simulators.eat_api_data import Generated
from sync.simulators.eat_api_labels import IMPLIED, LABELS, NOT_VEGAN, NOT_VEGETARIAN
from sync.simulators.eat_api_places import CANTEENS

WEDNESDAY = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
MENSA, BISTRO = "mensa-uhrturm-marlstadt", "bistro-sternwarte-marlstadt"


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def read(supply: Generated, path: str) -> Any:
    document = supply.document(path)
    assert document is not None
    return msgspec.json.decode(document.body)


def weeks(supply: Generated, today: datetime = WEDNESDAY) -> list[dict[str, Any]]:
    """Every week of every canteen."""
    mondays = [today + timedelta(weeks=number) for number in range(-2, 4)]
    return [read(supply, f"{canteen.canteen_id}/{monday:%G/%V}.json") for canteen in CANTEENS for monday in mondays]


def dishes(supply: Generated) -> list[dict[str, Any]]:
    return [dish for week in weeks(supply) for day in week["days"] for dish in day["dishes"]]


def days(supply: Generated, path: str) -> list[str]:
    return [day["date"] for day in read(supply, path)["days"]]


def test_the_same_day_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "from datetime import UTC, datetime\n"
        "from sync.simulators.eat_api_data import Generated\n"
        "now = datetime(2026, 3, 18, 22, 0, tzinfo=UTC)\n"
        "supply = Generated(clock=lambda: now)\n"
        f"print(supply.document('{MENSA}/2026/12.json').etag, supply.document('canteens.json').etag)"
    )
    morning = Generated(clock=at(WEDNESDAY))

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    documents = [morning.document(f"{MENSA}/2026/12.json"), morning.document("canteens.json")]
    assert told == [document.etag for document in documents if document is not None]


def test_the_seed_decides_what_is_cooked() -> None:
    first, other = Generated(1, at(WEDNESDAY)), Generated(2, at(WEDNESDAY))

    assert read(first, f"{MENSA}/2026/12.json") != read(other, f"{MENSA}/2026/12.json")


def test_days_of_the_current_week_leave_the_file_as_they_pass() -> None:
    assert days(Generated(clock=at(WEDNESDAY)), f"{MENSA}/2026/12.json") == ["2026-03-18", "2026-03-19", "2026-03-20"]


@pytest.mark.parametrize(("canteen", "last"), [(MENSA, "2026-03-13"), (BISTRO, "2026-03-14")])
def test_a_week_that_is_over_keeps_its_last_day(canteen: str, last: str) -> None:
    assert days(Generated(clock=at(WEDNESDAY)), f"{canteen}/2026/11.json") == [last]


def test_the_day_changes_at_midnight_in_berlin() -> None:
    before, after = datetime(2026, 3, 18, 22, 59, tzinfo=UTC), datetime(2026, 3, 18, 23, 0, tzinfo=UTC)

    assert days(Generated(clock=at(before)), f"{MENSA}/2026/12.json")[0] == "2026-03-18"
    assert days(Generated(clock=at(after)), f"{MENSA}/2026/12.json")[0] == "2026-03-19"


def test_a_day_is_cooked_alike_seen_from_any_other_day() -> None:
    monday, wednesday = Generated(clock=at(WEDNESDAY - timedelta(days=2))), Generated(clock=at(WEDNESDAY))

    path = f"{MENSA}/2026/12.json"
    assert read(monday, path)["days"][2:] == read(wednesday, path)["days"]


@pytest.mark.parametrize(
    "path", ["stock", "x.json", f"{MENSA}/2026/9.json", f"{MENSA}/2026/16.json", "no/2026/12.json"]
)
def test_nothing_else_is_published(path: str) -> None:
    assert Generated(clock=at(WEDNESDAY)).document(path) is None


def test_iso_years_are_honoured() -> None:
    supply = Generated(clock=at(datetime(2026, 12, 30, 12, tzinfo=UTC)))

    assert days(supply, f"{MENSA}/2026/53.json") == ["2026-12-30", "2026-12-31", "2027-01-01"]
    assert days(supply, f"{MENSA}/2027/01.json")[0] == "2027-01-04"


def test_the_size_of_a_demonstration() -> None:
    supply = Generated(clock=at(WEDNESDAY))
    per_day = Counter(len(day["dishes"]) for week in weeks(supply) for day in week["days"])

    assert len(CANTEENS) == len({canteen.canteen_id for canteen in CANTEENS}) == 25
    assert min(per_day) >= 6
    assert max(per_day) <= 14
    assert len({dish["name"] for dish in dishes(supply)}) > 2_000


def test_students_pay_less_than_staff_and_guests_most() -> None:
    for dish in dishes(Generated(clock=at(WEDNESDAY))):
        prices = [dish["prices"][audience] for audience in ("students", "staff", "guests")]
        if prices == [None, None, None]:
            continue
        totals = [price["base_price"] + (price["price_per_unit"] or 0) for price in prices]
        assert totals == sorted(set(totals)), dish


def test_every_way_to_price_occurs() -> None:
    prices = [dish["prices"]["students"] for dish in dishes(Generated(clock=at(WEDNESDAY)))]
    ways = Counter(None if price is None else (price["base_price"] > 0, price["unit"]) for price in prices)

    assert set(ways) == {None, (True, None), (False, "100g"), (True, "100g"), (False, "Portion")}
    assert ways[None] < len(prices) * 0.03


def test_labels_agree_with_each_other_and_with_the_list() -> None:
    supply = Generated(clock=at(WEDNESDAY))
    known = {label["enum_name"] for label in read(supply, "enums/labels.json")}

    assert known == set(LABELS)
    assert IMPLIED["MILK"] == ("LACTOSE",)
    for dish in dishes(supply):
        labels = set(dish["labels"])
        assert dish["labels"] == sorted(labels)
        assert labels <= known
        assert all(labels.issuperset(IMPLIED.get(label, ())) for label in labels)
        assert ("VEGETARIAN" in labels) == (not labels & NOT_VEGETARIAN)
        assert ("VEGAN" in labels) == (not labels & NOT_VEGAN)
        assert dish["dish_type"] != "Vegan" or "VEGAN" in labels
        assert dish["dish_type"] != "Fleisch" or "MEAT" in labels


def test_each_revision_adds_a_cent_to_the_canteens_it_names() -> None:
    supply, path = Generated(clock=at(WEDNESDAY)), f"{MENSA}/2026/13.json"
    before, elsewhere = read(supply, path), supply.document(f"{BISTRO}/2026/13.json")

    supply.publish("mensa-*")
    supply.publish("mensa-uhrturm-*")

    assert supply.document(f"{BISTRO}/2026/13.json") == elsewhere
    priced = [
        (old["prices"][audience], new["prices"][audience])
        for old_day, new_day in zip(before["days"], read(supply, path)["days"], strict=True)
        for old, new in zip(old_day["dishes"], new_day["dishes"], strict=True)
        for audience in ("students", "staff", "guests")
    ]
    for old, new in priced:
        if old is None:
            assert new is None
            continue
        part = "base_price" if old["base_price"] else "price_per_unit"
        assert new == {**old, part: pytest.approx(old[part] + 0.02)}


def listed(instant: datetime) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = read(Generated(clock=at(instant)), "stock.json")
    return entries


def test_stock_names_dishes_of_the_day_and_changes_by_the_minute() -> None:
    supply = Generated(clock=at(WEDNESDAY))
    names = {
        (canteen.canteen_id, dish["name"])
        for canteen in CANTEENS
        for dish in read(supply, f"{canteen.canteen_id}/2026/12.json")["days"][0]["dishes"]
    }
    hour = [listed(WEDNESDAY + timedelta(minutes=minute)) for minute in range(60)]

    assert all((entry["canteen_id"], entry["name"]) in names for entries in hour for entry in entries)
    assert all(entry["date"] == "2026-03-18" for entries in hour for entry in entries)
    assert sum(a != b for a, b in pairwise(hour)) > 40
    assert 0.02 < sum(map(len, hour)) / 60 / len(names) < 0.06
    assert {entry["state"] for entries in hour for entry in entries} == {"AVAILABLE", "SOLD_OUT", "HIDDEN"}
    assert hour[0] == listed(WEDNESDAY + timedelta(seconds=20))


def test_until_is_an_aware_instant_to_come() -> None:
    untils = [datetime.fromisoformat(entry["until"]) for entry in listed(WEDNESDAY) if "until" in entry]

    assert untils
    assert all(until > WEDNESDAY for until in untils)


def test_stock_on_a_sunday_is_of_the_next_day_served() -> None:
    sunday = datetime(2026, 3, 22, 12, tzinfo=UTC)

    assert {date.fromisoformat(entry["date"]) for entry in listed(sunday)} == {date(2026, 3, 23)}
