"""Menus, groups and items of Toast as menus, sections, items and placements."""

from __future__ import annotations

from typing import Any

import pytest

from sync.protocol import Begin, Checkpoint, End, Mode, Record
from tests.sync.toast.published import (
    GUID,
    TOLD,
    amounts,
    answered,
    broken,
    events,
    group,
    item,
    menu,
    records,
    selling,
)

ONLINE, POS = ["TOAST_ONLINE_ORDERING"], ["POS"]


def test_a_restaurant_is_one_complete_scope() -> None:
    begin, *between, end, checkpoint = events(selling(item("soup")))

    assert begin == Begin("menu", Mode.SNAPSHOT, GUID, confirms=GUID, guarded=True)
    assert end == End(GUID, complete=True, as_of=TOLD)
    assert {type(one) for one in between} == {Record}
    assert isinstance(checkpoint, Checkpoint)
    assert checkpoint.cursor[GUID]["lastUpdated"] == "2026-03-02T12:00:00+00:00"


def test_the_location_is_the_restaurant_in_its_timezone() -> None:
    told = {"guid": GUID, "name": "Grill", "slug": "grill", "address": "1 Main St"}
    found = records(selling(), "location", restaurants=[told], currency="CAD")[GUID]

    assert (found.name, found.slug, found.address) == ("Grill", "grill", "1 Main St")
    assert (found.timezone, found.currency) == ("America/New_York", "CAD")


def test_a_menu_stands_in_every_channel_that_it_is_visible_in() -> None:
    answer = answered(menu("food"), menu("web", visibility=ONLINE), menu("bar", visibility=["KIOSK"]))

    found = {key: (one.channel, one.name) for key, one in records(answer, "menu").items()}

    assert found == {
        "food/DINE_IN": ("DINE_IN", "Food"),
        "food/PICKUP": ("PICKUP", "Food"),
        "food/DELIVERY": ("DELIVERY", "Food"),
        "web/PICKUP": ("PICKUP", "Web"),
    }


def test_the_channels_are_the_installations_to_name() -> None:
    answer = answered(menu("food"), menu("web", visibility=ONLINE), menu("bar", visibility=["KIOSK"]))

    found = records(answer, "menu", channels={"KIOSK": "DINE_IN", "POS": "DINE_IN"})

    assert list(found) == ["food/DINE_IN", "bar/DINE_IN"]


def test_groups_nest_as_sections() -> None:
    answer = answered(
        menu("food", group("mains", groups=[group("soups", groups=[group("cold")])]), group("sides"), visibility=POS)
    )

    found = {key: (one.name, one.position, one.parent) for key, one in records(answer, "section").items()}

    assert found == {
        "food/DINE_IN/mains": ("Mains", 0, None),
        "food/DINE_IN/mains/soups": ("Soups", 0, f"{GUID}/food/DINE_IN/mains"),
        "food/DINE_IN/mains/soups/cold": ("Cold", 0, f"{GUID}/food/DINE_IN/mains/soups"),
        "food/DINE_IN/sides": ("Sides", 1, None),
    }
    assert {one.menu for one in records(answer, "section").values()} == {f"{GUID}/food/DINE_IN"}


def nested(depth: int) -> dict[str, Any]:
    found = group("g0", item("soup"))
    for number in range(1, depth):
        found = group(f"g{number}", groups=[found])
    return answered(menu("food", found, visibility=POS))


def test_groups_nest_deep_but_not_without_end() -> None:
    assert len(records(nested(32), "section")) == 32
    assert broken(nested(33)) == [("section", None, "menu groups must nest at most 32 deep", "g1")]


def test_an_item_is_one_in_all_its_places() -> None:
    answer = answered(
        menu("lunch", group("mains", item("soup"), item("stew")), visibility=POS),
        menu("dinner", group("starters", item("stew"), item("soup")), visibility=POS),
    )

    assert list(records(answer, "item")) == ["soup", "stew"]
    assert {key: one.position for key, one in records(answer, "placement").items()} == {
        "lunch/DINE_IN/mains/soup": 0,
        "lunch/DINE_IN/mains/stew": 1,
        "dinner/DINE_IN/starters/stew": 0,
        "dinner/DINE_IN/starters/soup": 1,
    }
    assert amounts(answer) == {"soup/price": "5", "stew/price": "5"}


def test_what_is_listed_twice_stands_where_it_is_listed_first() -> None:
    answer = answered(menu("food", group("mains", item("soup"), item("stew"), item("soup")), visibility=POS))

    assert [(key, one.position) for key, one in records(answer, "placement").items()] == [
        ("food/DINE_IN/mains/soup", 0),
        ("food/DINE_IN/mains/stew", 1),
    ]


def test_an_item_says_what_it_is() -> None:
    told = item(
        "soup",
        description=" Hot. ",
        itemTags=[{"name": "Vegan", "guid": "t"}, {"name": "Spicy", "guid": "u"}],
        image="https://x.example/1.jpg",
        images=["https://x.example/2.jpg", "https://x.example/1.jpg"],
    )

    [found] = records(selling(told), "item", language="fr").values()

    assert (found.name, found.description, found.language) == ("Soup", "Hot.", "fr")
    assert (found.location, found.labels) == (GUID, ("Vegan", "Spicy"))
    assert found.media == ("https://x.example/1.jpg", "https://x.example/2.jpg")
    assert (found.allergens, found.diets) == (None, None)


def test_a_picture_may_be_an_object_with_its_address() -> None:
    [found] = records(selling(item("soup", image={"url": "https://x.example/1.jpg"})), "item").values()

    assert found.media == ("https://x.example/1.jpg",)


@pytest.mark.parametrize(
    ("visibility", "placed"),
    [
        (None, ["DINE_IN", "PICKUP", "DELIVERY"]),
        (POS, ["DINE_IN"]),
        (["ORDERING_PARTNERS", "KIOSK"], ["DELIVERY"]),
        (["KIOSK"], []),
        ([], []),
    ],
)
def test_an_item_stands_only_where_it_is_visible(visibility: Any, placed: list[str]) -> None:
    answer = selling(item("soup", visibility=visibility))

    assert [key.split("/")[1] for key in records(answer, "placement")] == placed
    assert bool(records(answer, "item")) is bool(placed)
    assert bool(records(answer, "offer")) is bool(placed)


def test_what_is_in_a_hidden_group_is_hidden() -> None:
    answer = answered(menu("food", group("mains", item("soup", visibility=POS), visibility=ONLINE)))

    assert list(records(answer, "section")) == ["food/PICKUP/mains"]
    assert records(answer, "item") == {}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (answered(7), ("menu", None, "an entry must be an object", "7")),
        (answered(menu("a/b")), ("menu", None, "guid must be letters, digits, - and _", "'a/b'")),
        (answered({"name": "Food"}), ("menu", None, "guid must be letters, digits, - and _", "None")),
        (answered(menu("food", visibility="POS")), ("menu", None, "visibility must be a list", "POS")),
        (answered(menu("food", visibility=POS, name=" ")), ("menu", "food/DINE_IN", "name must be text", "' '")),
        (answered({**menu("food"), "menuGroups": 7}), ("section", None, "menuGroups must be a list", "7")),
        (answered(menu("food", "mains")), ("section", None, "an entry must be an object", "mains")),
        (
            answered(menu("food", group("mains", name=None), visibility=POS)),
            ("section", "food/DINE_IN/mains", "name must be text", "None"),
        ),
        (answered(menu("food", {**group("m"), "menuItems": {}})), ("item", None, "menuItems must be a list", "{}")),
        (selling(["soup"]), ("item", None, "an entry must be an object", "['soup']")),
        (selling(item("", name="Soup")), ("item", None, "guid must be letters, digits, - and _", "''")),
        (selling(item("soup", name=7)), ("item", "soup", "name must be text", "7")),
        (selling(item("soup", itemTags="x")), ("item", "soup", "itemTags must be a list", "x")),
        (selling(item("soup", image="x")), ("item", "soup", "a picture must be the address of one", "x")),
        (
            selling(item("soup", modifierGroupReferences=9)),
            ("item_group", None, "modifierGroupReferences must be a list", "9"),
        ),
        (
            selling(item("soup", modifierGroupReferences=[9])),
            ("item_group", None, "modifierGroupReferences must name a modifier group", "9"),
        ),
        (
            selling(item("soup", modifierGroupReferences=["1"])),
            ("item_group", None, "modifierGroupReferences must name a modifier group", "'1'"),
        ),
    ],
)
def test_what_cannot_be_read_is_named(answer: Any, expected: tuple[str, str | None, str, str]) -> None:
    assert broken(answer) == [expected]


def test_a_broken_name_leaves_the_rest_of_a_menu() -> None:
    answer = answered(menu("food", group("mains", item("soup"), item("stew", name=None)), visibility=POS))

    assert list(records(answer, "item")) == ["soup"]
    assert list(records(answer, "placement")) == ["food/DINE_IN/mains/soup", "food/DINE_IN/mains/stew"]
    assert set(amounts(answer)) == {"soup/price", "stew/price"}


def test_one_item_with_two_names_is_said_twice_for_the_run_to_refuse() -> None:
    answer = answered(menu("a", group("g", item("soup"))), menu("b", group("h", item("soup", name="Stew"))))

    told = [one for one in events(answer) if isinstance(one, Record) and one.kind == "item"]

    assert len(told) == 2
