"""Root look-ups: by id, by several ids, by text."""

from __future__ import annotations

from asgiref.sync import sync_to_async

from tests.asking import asking
from tests.pantry import Pantry, stocked, storefront
from tests.schema.both import both

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Item { name } ... on Price { audience } } }"


def soups(pantry: Pantry) -> None:
    corner, other = pantry.location("corner"), pantry.location("other")
    pantry.item(corner, "Linsensuppe mit Würstchen")
    pantry.item(corner, "Gebratene Nudeln", description="mit einer kleinen Suppe")
    pantry.item(other, "Tomatensuppe")
    pantry.item(other, "Lentil soups", language="en")


async def test_every_kind_of_node_is_found_by_its_id(store: str) -> None:
    await stocked(lambda pantry: storefront(pantry, "corner", items=1))

    async with asking(store) as ask:
        answered = await ask(
            '{ location(slug: "corner") { __typename id menus { __typename id sections { __typename id items '
            "{ __typename id prices { __typename id } } } } } }"
        )
        assert answered.data is not None
        location = answered.data["location"]
        menu = location["menus"][0]
        section = menu["sections"][0]
        item = section["items"][0]
        expected = [location, menu, section, item, item["prices"][0]]
        nodes = await ask(NODES, ids=[node["id"] for node in expected])

    assert nodes.data is not None
    assert [(node["__typename"], node["id"]) for node in nodes.data["nodes"]] == [
        (node["__typename"], node["id"]) for node in expected
    ]


async def test_items_come_in_the_order_of_their_ids_with_null_for_nobodys(store: str) -> None:
    await stocked(soups)

    async with asking(store) as ask:
        found = await ask('{ search(text: "suppe") { nodes { id name } } locations(first: 1) { nodes { id } } }')
        assert found.data is not None
        first, second = found.data["search"]["nodes"][:2]
        location = found.data["locations"]["nodes"][0]
        answered = await ask(
            "query ($ids: [ID!]!) { items(ids: $ids) { name } }",
            ids=[second["id"], "nobody", first["id"], location["id"], second["id"]],
        )

    assert answered.data is not None
    assert answered.data["items"] == [
        {"name": second["name"]},
        None,
        {"name": first["name"]},
        None,
        {"name": second["name"]},
    ]
    assert answered.statements == 1


async def test_search_knows_the_language_of_an_item_and_forgives_misspelling(store: str) -> None:
    await stocked(soups)

    async with asking(store) as ask:
        names = {
            text: [node["name"] for node in (await ask(SEARCH, text=text)).data["search"]["nodes"]]  # type: ignore[index]
            for text in ("soup", "Würstchens", "tomatnsuppe", "nothing like it", "gebraten -suppe")
        }

    assert names == {
        "soup": ["Lentil soups"],
        "Würstchens": ["Linsensuppe mit Würstchen"],
        "tomatnsuppe": ["Tomatensuppe"],
        "nothing like it": [],
        "gebraten -suppe": [],
    }


SEARCH = "query ($text: String!, $location: String) { search(text: $text, location: $location) { nodes { name } } }"


async def test_search_within_a_location(store: str) -> None:
    await stocked(soups)

    async with asking(store) as ask:
        answered = await ask(SEARCH, text="tomatensuppe", location="corner")

    assert answered.data == {"search": {"nodes": []}}


async def test_text_out_of_bounds_is_refused(store: str) -> None:
    async with asking(store) as ask:
        empty = await ask(SEARCH, text="  ")
        long = await ask(SEARCH, text="x" * 201)

    assert empty.errors == ["text must have 1 to 200 characters, not 0"]
    assert long.errors == ["text must have 1 to 200 characters, not 201"]


async def test_names_fall_back_from_region_to_language_to_the_items_own(store: str) -> None:
    def translated(pantry: Pantry) -> None:
        pantry.item(
            pantry.location("corner"), "Suppe", translations={"en": {"name": "Soup"}, "pt-BR": {"name": "Sopa"}}
        )

    await stocked(translated)

    async with asking(store) as ask:
        answered = await ask(
            '{ search(text: "suppe") { nodes { name en: name(language: "en-GB") br: name(language: "pt-br")'
            ' pt: name(language: "pt") de: name(language: "de") } } }'
        )
        refused = await ask('{ search(text: "suppe") { nodes { name(language: "no such") } } }')

    assert answered.data is not None
    assert answered.data["search"]["nodes"] == [
        {"name": "Suppe", "en": "Soup", "br": "Sopa", "pt": "Suppe", "de": "Suppe"}
    ]
    assert "a LanguageCode is a BCP 47 tag such as de or en-GB, not 'no such'" in refused.errors[0]


async def test_freshness_of_every_source(store: str) -> None:
    pantry = await stocked(lambda pantry: storefront(pantry, "corner"))
    await sync_to_async(lambda: Pantry("second").location("elsewhere"))()

    async with asking(store) as ask:
        answered = await ask("{ freshness { source concern status confirmedAt units staleForSeconds } }")

    assert answered.data is not None
    assert [(row["source"], row["concern"], row["status"]) for row in answered.data["freshness"]] == [
        ("pantry", "availability", "FRESH"),
        ("pantry", "menu", "FRESH"),
        ("pantry", "price", "FRESH"),
        ("second", "menu", "FRESH"),
    ]
    assert answered.data["freshness"][0]["confirmedAt"] == pantry.confirmed_at.isoformat()
    assert answered.statements == 1


async def test_freshness_has_a_row_for_each_source_and_concern_whatever_is_asked_of_it(store: str) -> None:
    def fill(pantry: Pantry) -> None:
        for slug in ("corner", "market", "harbour"):
            storefront(pantry, slug)

    await stocked(fill)

    async with both(store) as ask:
        for selected in ("asOf @skip(if: true)", "__typename", "source"):
            assert len((await ask(f"{{ freshness {{ {selected} }} }}")).data["freshness"]) == 3
