"""What of a merchant's document becomes which row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.records import (
    AvailabilityRecord,
    GroupOptionRecord,
    ItemGroupRecord,
    ItemRecord,
    LocationRecord,
    MenuRecord,
    OfferRecord,
    OptionGroupRecord,
    PlacementRecord,
    SectionRecord,
)
from tests.sync.open_delivery.merchants import (
    DOCUMENT,
    MERCHANT,
    Found,
    changed,
    merchant,
    price,
    read,
    refused,
    service,
)


def of_kind(found: Found, kind: str) -> list[str | None]:
    return [key for each, key in found if each == kind]


def test_nothing_of_the_small_merchant_is_refused() -> None:
    found = read(merchant())

    assert refused(found) == {}
    assert {kind: len(of_kind(found, kind)) for kind, _ in found} == {
        "schedule": 5,
        "location": 1,
        "menu": 2,
        "section": 4,
        "placement": 6,
        "option_group": 1,
        "item": 5,
        "group_option": 2,
        "availability": 5,
        "offer": 5,
        "item_group": 1,
    }


def test_the_merchant_is_a_location() -> None:
    assert read(merchant())["location", MERCHANT] == LocationRecord(
        slug=MERCHANT,
        name="Pizza Plaza",
        timezone="UTC",
        currency="BRL",
        address="Plaza Avenue 100, São Paulo, BR",
        accepting=True,
        schedule="opening",
    )


def test_an_operator_says_what_the_document_does_not() -> None:
    found = read(merchant(), timezone="America/Sao_Paulo", slug="plaza", language="en")

    location, item = found["location", MERCHANT], found["item", "itemOffer/small"]
    assert (location.timezone, location.slug, item.language) == ("America/Sao_Paulo", "plaza", "en")


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (-23.54804, -46.6363, (Decimal("-23.54804"), Decimal("-46.6363"))),
        (-23.5, -181, (None, None)),
        ("-23.5", -46.6, (None, None)),
        (None, -46.6, (None, None)),
    ],
)
def test_a_place_is_known_by_both_coordinates_or_not_at_all(latitude: Any, longitude: Any, expected: Any) -> None:
    basics = {**DOCUMENT["basicInfo"], "address": {"latitude": latitude, "longitude": longitude}}

    location = read(merchant(basicInfo=basics))["location", MERCHANT]

    assert (location.latitude, location.longitude) == expected
    assert location.address is None


def test_a_merchant_that_is_unavailable_takes_no_orders() -> None:
    assert read(merchant(status="UNAVAILABLE"))["location", MERCHANT].accepting is False


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "ASLEEP"}, ("status must be one of AVAILABLE, UNAVAILABLE", "'ASLEEP'")),
        ({"basicInfo": {"minOrderValue": {"currency": "BRL"}}}, ("a merchant must have a name", "None")),
        ({"basicInfo": "closed"}, ("a merchant must have a name", "None")),
    ],
)
def test_an_unreadable_merchant_is_refused_and_its_menus_are_read(change: dict[str, Any], expected: Any) -> None:
    found = read(merchant(**change))

    assert refused(found) == {("location", MERCHANT): expected}


@pytest.mark.parametrize(("kind", "channel"), [("DELIVERY", "DELIVERY"), ("TAKEOUT", "PICKUP"), ("INDOOR", "DINE_IN")])
def test_a_service_is_a_menu_in_its_channel(kind: str, channel: str) -> None:
    found = read(merchant(services=[service("one", kind)]))

    assert found["menu", "one"] == MenuRecord(location=MERCHANT, name="Pizzas", channel=channel, schedule="service/one")
    assert found["section", "one/salted"].menu == "one"


def test_categories_stand_by_their_index_and_item_offers_too() -> None:
    found = read(changed("itemOffers", "large", index=7))

    assert found["section", "delivery/sweet"] == SectionRecord(menu="delivery", name="Sweet", position=0)
    assert found["section", "delivery/salted"].position == 1
    assert found["placement", "delivery/salted/small"] == PlacementRecord(
        section="delivery/salted", item="itemOffer/small", position=0
    )
    assert found["placement", "delivery/salted/large"].position == 1


@pytest.mark.parametrize("index", [..., None, "0", True])
def test_what_has_no_index_comes_last(index: Any) -> None:
    found = read(changed("categories", "sweet", index=index))

    assert of_kind(found, "section")[:2] == ["delivery/salted", "delivery/sweet"]


def test_without_links_a_menu_has_all_categories_and_a_category_all_item_offers() -> None:
    document = changed("categories", "sweet", itemOfferId=...)
    del document["menus"][0]["categoryId"]

    found = read(document)

    assert of_kind(found, "section") == ["delivery/sweet", "delivery/salted", "takeout/sweet", "takeout/salted"]
    assert [key for key in of_kind(found, "placement") if key and key.startswith("delivery/sweet")] == [
        "delivery/sweet/large",
        "delivery/sweet/banana",
        "delivery/sweet/small",
    ]


def test_with_empty_links_it_has_none() -> None:
    document = changed("categories", "sweet", itemOfferId=[])

    found = read(document)

    assert not [key for key in of_kind(found, "placement") if key and "sweet" in key]


def test_a_category_that_is_unavailable_is_never_served() -> None:
    assert read(changed("categories", "salted", status="UNAVAILABLE"))["section", "takeout/salted"].schedule == "never"


def test_an_item_offer_is_an_item_at_a_price() -> None:
    found = read(merchant())

    assert found["item", "itemOffer/large"] == ItemRecord(
        name="Pizza", language="pt", location=MERCHANT, description="With cheese."
    )
    assert found["offer", "itemOffer/large"] == OfferRecord(
        item="itemOffer/large", currency="BRL", amount=Decimal(43), original_amount=Decimal(50)
    )
    assert found["offer", "itemOffer/small"].original_amount is None
    assert found["offer", "itemOffer/banana"].schedule == "availability/evening"
    assert found["item_group", "large/extras"] == ItemGroupRecord(item="itemOffer/large", group="extras", position=0)


def test_one_item_offered_twice_is_sold_in_two_ways() -> None:
    found = read(merchant())

    assert found["item", "itemOffer/large"] == found["item", "itemOffer/small"]
    assert found["offer", "itemOffer/large"].amount != found["offer", "itemOffer/small"].amount


def test_an_option_is_an_item_at_a_price_in_its_group() -> None:
    found = read(merchant())

    assert found["option_group", "extras"] == OptionGroupRecord(
        name="Extras", language="pt", least=0, most=2, price_method="SUM"
    )
    assert found["item", "option/extras/with-cheese"].name == "Extra cheese"
    assert found["group_option", "option/extras/with-cheese"] == GroupOptionRecord(
        group="extras", item="option/extras/with-cheese", position=0
    )
    assert found["group_option", "option/extras/with-crust"].position == 1
    assert found["offer", "option/extras/with-cheese"] == OfferRecord(
        item="option/extras/with-cheese", currency="BRL", amount=Decimal("5.5"), group="extras"
    )


def test_an_option_without_a_price_has_no_offer() -> None:
    document = merchant()
    del document["optionGroups"][0]["options"][0]["price"]

    assert ("offer", "option/extras/with-crust") not in read(document)


@pytest.mark.parametrize("method", ["SUM", "MAX", "AVG"])
def test_a_group_says_how_prices_count(method: str) -> None:
    assert read(changed("optionGroups", "extras", priceMethod=method))["option_group", "extras"].price_method == method


def test_a_group_that_is_unavailable_is_not_offered() -> None:
    found = read(changed("optionGroups", "extras", status="UNAVAILABLE"))

    assert of_kind(found, "item_group") == []
    assert ("option_group", "extras") in found


@pytest.mark.parametrize(
    ("listed", "name", "sold_out"),
    [
        ("itemOffers", "large", {"itemOffer/large"}),
        ("items", "pizza", {"itemOffer/large", "itemOffer/small"}),
        ("items", "crust", {"option/extras/with-crust"}),
        ("categories", "salted", set()),
    ],
)
def test_what_is_unavailable_is_sold_out(listed: str, name: str, sold_out: set[str]) -> None:
    found = read(changed(listed, name, status="UNAVAILABLE"))

    states = {key: row for (kind, key), row in found.items() if kind == "availability"}
    assert {key for key, row in states.items() if row.state == "SOLD_OUT"} == sold_out
    assert states["itemOffer/banana"] == AvailabilityRecord(
        item="itemOffer/banana", location=MERCHANT, state="AVAILABLE"
    )


def test_an_option_that_is_unavailable_is_sold_out() -> None:
    document = merchant()
    document["optionGroups"][0]["options"][0]["status"] = "UNAVAILABLE"

    assert read(document)["availability", "option/extras/with-crust"].state == "SOLD_OUT"


def test_pictures_are_those_of_images_or_else_the_one() -> None:
    one, two, three = ({"URL": f"https://images.example/{number}.png"} for number in (1, 2, 3))
    both = [{**two, "type": "THUMB"}, {**three, "type": "MAIN"}]

    several = read(changed("items", "pizza", image=one, images=both))["item", "itemOffer/small"]
    single = read(changed("items", "pizza", image=one, images=[]))["item", "itemOffer/small"]
    neither = read(changed("items", "pizza", image={"URL": "ftp://x"}))["item", "itemOffer/small"]

    assert several.media == (three["URL"], two["URL"])
    assert (single.media, neither.media) == ((one["URL"],), ())


def test_services_for_another_ordering_application_are_not_ours() -> None:
    services = [service("ours", "DELIVERY", targetAppId="larder"), service("theirs", "DELIVERY", targetAppId="other")]

    assert of_kind(read(merchant(services=services), app_id="larder"), "menu") == ["ours"]
    assert of_kind(read(merchant(services=services)), "menu") == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"services": [{**service("one", "DELIVERY"), "menuId": "nothing"}]},
            {("menu", "one"): ("menuId must be one of the menus", "'nothing'")},
        ),
        (
            {"services": [service("one", "DRONE")]},
            {("menu", "one"): ("serviceType must be one of DELIVERY, TAKEOUT, INDOOR", "'DRONE'")},
        ),
    ],
)
def test_a_menu_that_cannot_be_read_is_refused(change: dict[str, Any], expected: Found) -> None:
    assert refused(read(merchant(**change))) == expected


def test_links_that_lead_nowhere_are_refused_where_they_are() -> None:
    document = changed("categories", "sweet", itemOfferId=["banana", "gone"])
    document["menus"][0]["categoryId"].append("lost")
    document["itemOffers"][0]["optionGroupsId"] = ["extras", "missing"]
    document["itemOffers"][1]["itemId"] = "nobody"
    document["services"] = document["services"][:1]

    found = read(document)

    nobody = ("itemId must be one of the items", "'nobody'")
    assert refused(found) == {
        ("section", "delivery/lost"): ("categoryId must be one of the categories", "'lost'"),
        ("placement", "delivery/sweet/gone"): ("itemOfferId must be one of the itemOffers", "'gone'"),
        ("item_group", "large/missing"): ("optionGroupsId must be one of the optionGroups", "'missing'"),
        ("item", "itemOffer/small"): nobody,
        ("availability", "itemOffer/small"): nobody,
    }
    assert found["offer", "itemOffer/small"].amount == Decimal(30)


def test_an_entity_that_cannot_be_read_leaves_open_what_hangs_on_it() -> None:
    document = changed("categories", "sweet", name=None)
    document["services"] = document["services"][:1]

    found = refused(read(document))

    assert {name for name, _ in found.items()} == {("section", "delivery/sweet"), ("placement", None)}
    assert found["section", "delivery/sweet"][0] == "an entity must be a readable Category"


@pytest.mark.parametrize(
    ("listed", "kind"),
    [
        ("services", "menu"),
        ("menus", "menu"),
        ("categories", "section"),
        ("items", "item"),
        ("itemOffers", "item"),
        ("optionGroups", "option_group"),
        ("availabilities", "schedule"),
    ],
)
def test_an_entity_without_an_id_leaves_open_what_there_is(listed: str, kind: str) -> None:
    document = merchant()
    document[listed].append({"name": "nameless"})

    found = refused(read(document))

    assert list(found) == [(kind, None)]


def test_an_option_without_an_id_leaves_open_what_there_is() -> None:
    document = merchant()
    document["optionGroups"][0]["options"].append({"itemId": "crust"})

    assert list(refused(read(document))) == [("group_option", None)]


def test_an_id_of_two_different_entities_names_neither() -> None:
    document = merchant()
    document["items"] += [{"id": "pizza", "name": "Another pizza"}, document["items"][1]]

    found = refused(read(document))

    assert set(found) == {
        (kind, f"itemOffer/{offer}") for kind in ("item", "availability", "offer") for offer in ("large", "small")
    }
    assert found["item", "itemOffer/large"] == ("an id must be unique among the items", "pizza")


def test_an_item_that_is_its_own_option_makes_no_circle() -> None:
    document = merchant()
    document["optionGroups"][0]["options"].append({"id": "itself", "itemId": "pizza", "price": price(1)})

    found = read(document)

    assert refused(found) == {}
    assert found["group_option", "option/extras/itself"].item == "option/extras/itself"
    assert of_kind(found, "item_group") == ["large/extras"]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"minPermitted": -1}, "minPermitted must not be negative"),
        ({"minPermitted": 3}, "maxPermitted must not be below minPermitted"),
        ({"minPermitted": "1"}, "minPermitted must be a whole number"),
        ({"maxPermitted": 2.5}, "maxPermitted must be a whole number"),
        ({"maxPermitted": 2**40}, "maxPermitted must be a whole number"),
        ({"priceMethod": "MEDIAN"}, "priceMethod must be one of SUM, MAX, AVG"),
    ],
)
def test_a_group_that_makes_no_sense_is_refused(fields: dict[str, Any], rule: str) -> None:
    found = refused(read(changed("optionGroups", "extras", **fields)))

    assert {name: value[0] for name, value in found.items()} == {("option_group", "extras"): rule}


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"description": 3}, "description must be a text"),
        ({"nutritionalInfo": []}, "nutritionalInfo must be an object"),
        ({"nutritionalInfo": {"allergen": "GLUTEN"}}, "allergen must be a list of codes"),
    ],
)
def test_an_item_that_cannot_be_read_is_refused_and_its_price_is_kept(fields: dict[str, Any], rule: str) -> None:
    found = refused(read(changed("items", "dessert", **fields)))

    assert {name: value[0] for name, value in found.items()} == {("item", "itemOffer/banana"): rule}
