"""The storefront operation over the shipped schema: one snapshot, a constant number of statements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from catalog import models
from tests.asking import asking
from tests.pantry import Pantry, stocked, storefront

STOREFRONT = """
query Storefront($first: Int!) {
  locations(first: $first) { nodes {
    name freshness { status }
    menus { serviceDate sections { name items {
      id name allergens diets labels
      prices { audience money { amount currency } perUnit { unit money { amount } } freshness { status } }
      availability { state until freshness { status confirmedAt source } }
    } } }
  } }
}
"""


@pytest.mark.parametrize("locations", [1, 10, 100])
async def test_statements_do_not_grow_with_locations(store: str, locations: int) -> None:
    await stocked(lambda pantry: [storefront(pantry, f"place-{n}", items=1) for n in range(locations)])

    async with asking(store) as ask:
        answered = await ask(STOREFRONT, first=locations)

    assert not answered.errors
    assert answered.data is not None
    assert len(answered.data["locations"]["nodes"]) == locations
    assert answered.statements == 6


@pytest.mark.parametrize("items", [1, 10, 100])
async def test_statements_do_not_grow_with_items(store: str, items: int) -> None:
    await stocked(lambda pantry: storefront(pantry, "place", items=items))

    async with asking(store) as ask:
        answered = await ask(STOREFRONT, first=1)

    assert answered.data is not None
    [section, _] = answered.data["locations"]["nodes"][0]["menus"][0]["sections"]
    assert len(section["items"]) == items
    assert answered.statements == 6


async def test_answers_every_part_of_an_item(store: str) -> None:
    pantry = await stocked(lambda pantry: storefront(pantry, "corner"))

    async with asking(store) as ask:
        answered = await ask(STOREFRONT, first=1)

    assert answered.data is not None
    [location] = answered.data["locations"]["nodes"]
    item = location["menus"][0]["sections"][0]["items"][0]
    assert location["name"] == "Corner"
    assert item.pop("id")
    assert item == {
        "name": "Mains 0",
        "allergens": ["GLUTEN"],
        "diets": [],
        "labels": ["A1"],
        "prices": [
            {
                "audience": "GUESTS",
                "money": None,
                "perUnit": {"unit": "100g", "money": {"amount": "0.9000"}},
                "freshness": {"status": "FRESH"},
            },
            {
                "audience": "STUDENTS",
                "money": {"amount": "2.5000", "currency": "EUR"},
                "perUnit": None,
                "freshness": {"status": "FRESH"},
            },
        ],
        "availability": {
            "state": "AVAILABLE",
            "until": None,
            "freshness": {
                "status": "FRESH",
                "confirmedAt": pantry.confirmed_at.isoformat(),
                "source": "pantry",
            },
        },
    }


@pytest.mark.parametrize(
    ("age", "status", "state"),
    [
        (timedelta(seconds=60), "FRESH", "SOLD_OUT"),
        (timedelta(seconds=61), "STALE", "SOLD_OUT"),
        (timedelta(seconds=600), "STALE", "SOLD_OUT"),
        (timedelta(seconds=601), "EXPIRED", "UNKNOWN"),
    ],
)
async def test_availability_ages_by_its_thresholds(store: str, age: timedelta, status: str, state: str) -> None:
    pantry = await stocked(lambda pantry: soup(pantry, None))

    async with asking(store) as ask:
        answered = await ask(AVAILABILITY, instant=pantry.confirmed_at + age)

    assert answered.data is not None
    availability = answered.data["search"]["nodes"][0]["availability"]
    assert availability["state"] == state
    assert availability["freshness"]["status"] == status


async def test_a_sold_out_item_is_available_again_after_until(store: str) -> None:
    until = datetime.now(UTC) + timedelta(seconds=20)
    await stocked(lambda pantry: soup(pantry, until))

    async with asking(store) as ask:
        before = await ask(AVAILABILITY, instant=until - timedelta(microseconds=1))
        after = await ask(AVAILABILITY, instant=until)

    assert before.data is not None
    assert after.data is not None
    assert before.data["search"]["nodes"][0]["availability"]["state"] == "SOLD_OUT"
    assert after.data["search"]["nodes"][0]["availability"] == {
        "state": "AVAILABLE",
        "until": None,
        "freshness": {"status": "FRESH"},
    }


async def test_an_item_without_a_stock_report_is_unknown(store: str) -> None:
    await stocked(lambda pantry: pantry.item(pantry.location("corner"), "Linsensuppe"))

    async with asking(store) as ask:
        answered = await ask(AVAILABILITY)

    assert answered.data is not None
    assert answered.data["search"]["nodes"][0]["availability"] == {
        "state": "UNKNOWN",
        "until": None,
        "freshness": {"status": "NEVER"},
    }


def soup(pantry: Pantry, until: datetime | None) -> None:
    pantry.availability(pantry.item(pantry.location("corner"), "Linsensuppe"), "SOLD_OUT", until=until)


def dated(pantry: Pantry) -> None:
    corner = pantry.location("corner")
    for day in (date(2026, 3, 30), date(2026, 3, 28), date(2026, 3, 29), None):
        pantry.menu(corner, day)


def shared(pantry: Pantry) -> None:
    corner = pantry.location("corner")
    menu = pantry.menu(corner)
    item = pantry.item(corner, "Soup")
    pantry.offer(item, "3")
    for position, name in enumerate("ABC"):
        section = pantry.section(menu, name, position)
        pantry.place(item, section)
        if name == "A":
            pantry.place(pantry.item(corner, "Bread"), section, 1)


def partly_deleted(pantry: Pantry) -> None:
    corner = pantry.location("corner")
    menu, now = pantry.menu(corner), datetime.now(UTC)
    section, gone = pantry.section(menu, "A"), pantry.section(menu, "B", 1)
    models.Section.every.filter(pk=gone.pk).update(deleted_at=now)
    pantry.place(pantry.item(corner, "Kept"), section)
    deleted, unplaced = pantry.item(corner, "Deleted"), pantry.item(corner, "Unplaced")
    pantry.place(deleted, section, 1)
    placement = pantry.place(unplaced, section, 2)
    models.Item.every.filter(pk=deleted.pk).update(deleted_at=now)
    models.Placement.every.filter(pk=placement.pk).update(deleted_at=now)


AVAILABILITY = """
{ search(text: "Suppe") { nodes { availability { state until freshness { status } } } } }
"""


async def test_rows_of_which_only_the_type_is_asked(store: str) -> None:
    await stocked(lambda pantry: pantry.location("corner"))

    async with asking(store) as ask:
        answered = await ask("{ freshness { __typename } locations { nodes { __typename } } }")

    assert answered.data == {
        "freshness": [{"__typename": "SourceFreshness"}],
        "locations": {"nodes": [{"__typename": "Location"}]},
    }


def stocked_for_delivery(pantry: Pantry) -> None:
    corner = pantry.location("corner")
    item = pantry.item(corner, "Suppe")
    pantry.availability(item, "SOLD_OUT", channel="DELIVERY")


@pytest.mark.parametrize(
    ("arguments", "state"), [("", "UNKNOWN"), ("(channel: DELIVERY)", "SOLD_OUT"), ("(channel: PICKUP)", "UNKNOWN")]
)
async def test_one_channels_availability_says_nothing_of_the_others(store: str, arguments: str, state: str) -> None:
    await stocked(stocked_for_delivery)

    async with asking(store) as ask:
        answered = await ask(f'{{ search(text: "Suppe") {{ nodes {{ availability{arguments} {{ state }} }} }} }}')

    assert answered.data == {"search": {"nodes": [{"availability": {"state": state}}]}}


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ("", ["2026-03-29", "2026-03-30", "None"]),
        ('(from: "2026-03-01")', ["2026-03-28", "2026-03-29", "2026-03-30", "None"]),
        ('(from: "2026-03-01", to: "2026-03-28")', ["2026-03-28", "None"]),
        ("(channel: PICKUP)", []),
    ],
)
async def test_menus_start_with_the_locations_own_today(store: str, arguments: str, names: list[str]) -> None:
    await stocked(dated)
    just_after_midnight_in_berlin = datetime(2026, 3, 28, 23, 0, 1, tzinfo=UTC)

    async with asking(store) as ask:
        answered = await ask(
            f'{{ location(slug: "corner") {{ menus{arguments} {{ name }} }} }}', instant=just_after_midnight_in_berlin
        )

    assert answered.data is not None
    assert [menu["name"] for menu in answered.data["location"]["menus"]] == names


async def test_one_item_in_three_sections_comes_three_times_and_is_priced_once(store: str) -> None:
    await stocked(shared)

    async with asking(store) as ask:
        answered = await ask(
            '{ location(slug: "corner") { menus { sections { name items { name prices { money { amount } } } } } } }'
        )

    assert answered.data is not None
    sections = answered.data["location"]["menus"][0]["sections"]
    assert [(section["name"], [item["name"] for item in section["items"]]) for section in sections] == [
        ("A", ["Soup", "Bread"]),
        ("B", ["Soup"]),
        ("C", ["Soup"]),
    ]
    assert answered.statements == 5


async def test_deleted_rows_are_not_served(store: str) -> None:
    await stocked(partly_deleted)

    async with asking(store) as ask:
        answered = await ask('{ location(slug: "corner") { menus { sections { items { name } } } } }')

    assert answered.data is not None
    assert answered.data["location"]["menus"][0]["sections"] == [{"items": [{"name": "Kept"}]}]
