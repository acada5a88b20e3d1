"""Choices that come with an item, and what they cost."""

from __future__ import annotations

from typing import Any

import pytest

from catalog import models
from tests.catalog.filling import group, offering, option_of, shared_item
from tests.pantry import Pantry, stocked
from tests.schema.both import both

MENU = """
query ($language: LanguageCode) { search(text: "burger") { nodes { optionGroups {
    id name(language: $language) least most priceMethod
    options { id preselected price { money { amount } } item {
        name optionGroups { name options { item { name } } }
    } }
} } } }
"""


def burger(pantry: Pantry) -> None:
    corner = pantry.location("corner")
    dish, fries, salad, dip = (pantry.item(corner, name) for name in ("burger", "fries", "salad", "dip"))
    sides = group(pantry, "Beilagen", least=1, most=2, price_method="MAX", translations={"en": {"name": "Sides"}})
    dips = group(pantry, "Dips")
    offering(pantry, dish, dips, position=1, most_overridden=True)
    offering(pantry, dish, sides, position=0, least=0)
    offering(pantry, fries, dips)
    option_of(pantry, salad, sides, position=1)
    option_of(pantry, fries, sides, position=0, preselected=True)
    option_of(pantry, dip, dips)
    for item, amount in ((fries, "3"), (salad, "4")):
        pantry.offer(item, amount)
    row = pantry.row("offer", "as a side", "price", "corner")
    fries.offers.create(**row, amount="0.5", currency="EUR", group=sides)


async def test_options_nest_and_items_override_their_groups(store: str) -> None:
    await stocked(burger)

    async with both(store) as ask:
        answer = await ask(MENU, language="en")

    [dish] = answer.data["search"]["nodes"]
    sides, dips = dish["optionGroups"]
    assert (sides["name"], sides["least"], sides["most"], sides["priceMethod"]) == ("Sides", 0, 2, "MAX")
    assert (dips["name"], dips["least"], dips["most"], dips["priceMethod"]) == ("Dips", 0, None, "SUM")
    assert [
        (option["item"]["name"], option["preselected"], option["price"]["money"]["amount"])
        for option in sides["options"]
    ] == [("fries", True, "0.5000"), ("salad", False, "4.0000")]
    assert sides["options"][0]["item"]["optionGroups"] == [{"name": "Dips", "options": [{"item": {"name": "dip"}}]}]
    assert dips["options"][0]["price"] is None


async def test_the_price_as_an_option_is_not_the_items_own(store: str) -> None:
    await stocked(burger)

    async with both(store) as ask:
        answer = await ask(
            '{ search(text: "fries") { nodes { price { money { amount } } prices { money { amount } } } } }'
        )

    [fries] = answer.data["search"]["nodes"]
    assert fries == {"price": {"money": {"amount": "3.0000"}}, "prices": [{"money": {"amount": "3.0000"}}]}


async def test_groups_and_options_are_nodes(store: str) -> None:
    await stocked(burger)

    async with both(store) as ask:
        [dish] = (await ask(MENU)).data["search"]["nodes"]
        sides = dish["optionGroups"][0]
        ids = [sides["id"], sides["options"][0]["id"]]
        answer = await ask(
            """query ($ids: [ID!]!) { nodes(ids: $ids) {
                __typename id ... on OptionGroup { name } ... on Option { item { name } }
            } }""",
            ids=ids,
        )

    assert answer.data["nodes"] == [
        {"__typename": "OptionGroup", "id": ids[0], "name": "Beilagen"},
        {"__typename": "Option", "id": ids[1], "item": {"name": "fries"}},
    ]


async def test_what_the_supplier_has_no_more_is_not_offered(store: str) -> None:
    def fill(pantry: Pantry) -> None:
        burger(pantry)
        then = pantry.confirmed_at
        models.OptionGroup.objects.filter(name="Dips").update(deleted_at=then)
        models.Item.objects.filter(name="salad").update(deleted_at=then)

    await stocked(fill)

    async with both(store) as ask:
        [dish] = (await ask(MENU)).data["search"]["nodes"]

    [sides] = dish["optionGroups"]
    assert [option["item"]["name"] for option in sides["options"]] == ["fries"]


@pytest.mark.parametrize(("location", "amount"), [("corner", "2.0000"), ("square", "1.0000"), ("nowhere", "1.0000")])
async def test_an_item_that_locations_share_has_a_price_at_each(store: str, location: str, amount: str) -> None:
    def fill(pantry: Pantry) -> None:
        cola, corner = shared_item(pantry, "cola"), pantry.location("corner")
        pantry.location("square")
        for key, columns in (("a", {"amount": "1"}), ("b", {"amount": "2", "location": corner})):
            row = pantry.row("offer", key, "price", "corner")
            models.Offer.objects.create(**row, item=cola, currency="EUR", **columns)
        models.Availability.objects.create(
            **pantry.row("availability", "a", "availability", "corner"), item=cola, location=corner, state="SOLD_OUT"
        )

    await stocked(fill)

    async with both(store) as ask:
        answer = await ask(
            """query ($slug: String) { search(text: "cola") { nodes {
                price(location: $slug) { money { amount } } availability(location: $slug) { state }
            } } }""",
            slug=location,
        )

    [cola] = answer.data["search"]["nodes"]
    assert cola["price"]["money"]["amount"] == amount
    assert cola["availability"]["state"] == ("SOLD_OUT" if location == "corner" else "UNKNOWN")


@pytest.mark.parametrize("options", [1, 10, 100])
async def test_options_are_a_constant_number_of_statements(store: str, options: int) -> None:
    def fill(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        dish, sides = pantry.item(corner, "burger"), group(pantry, "Sides")
        offering(pantry, dish, sides)
        for number in range(options):
            side = pantry.item(corner, f"side {number}")
            pantry.offer(side, "1")
            option_of(pantry, side, sides, position=number)

    await stocked(fill)

    async with both(store) as ask:
        answer: Any = await ask(MENU)

    [dish] = answer.data["search"]["nodes"]
    assert len(dish["optionGroups"][0]["options"]) == options
    assert answer.statements == 6
