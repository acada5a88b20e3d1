"""Which fields the statements of the shipped schema are put down to."""

from __future__ import annotations

from loaders.recording import Recording
from loaders.testing import assert_statements
from tests.asking import Asker, asking
from tests.pantry import Pantry, stocked, storefront

STOREFRONT = """
{
  locations(first: 2) { totalCount nodes { menus { sections { items {
    id prices { audience } availability { state } withAllergens: prices { audience }
  } } } } }
}
"""


async def paths_of(ask: Asker, query: str, expected: int) -> list[tuple[tuple[str, ...], int | None]]:
    recorded: Recording
    async with assert_statements(expected) as recorded:
        answered = await ask(query)

    assert not answered.errors
    assert answered.statements == expected
    assert not any(sent.outside for sent in recorded.statements)
    return [(sent.paths, sent.keys) for sent in recorded.statements]


def two_places(pantry: Pantry) -> None:
    for slug in ("corner", "square"):
        storefront(pantry, slug, items=3)


async def test_every_statement_of_a_storefront_has_its_fields_and_keys(store: str) -> None:
    await stocked(two_places)

    async with asking(store) as ask:
        sent = await paths_of(ask, STOREFRONT, 7)

    items = "locations.nodes[].menus[].sections[].items"
    assert sorted(sent, key=str) == sorted(
        [
            (("locations",), None),
            (("locations",), None),
            (("locations.nodes[].menus",), 2),
            (("locations.nodes[].menus[].sections",), 2),
            ((items,), 4),
            ((f"{items}[].prices", f"{items}[].withAllergens"), 12),
            ((f"{items}[].availability",), 12),
        ],
        key=str,
    )


async def test_lookups_by_argument_are_named_by_their_alias(store: str) -> None:
    await stocked(two_places)

    async with asking(store) as ask:
        sent = await paths_of(
            ask, '{ here: location(slug: "corner") { name } there: location(slug: "square") { name } }', 1
        )

    assert sent == [(("here", "there"), 2)]


async def test_nodes_of_any_type_are_named(store: str) -> None:
    await stocked(two_places)

    async with asking(store) as ask:
        answered = await ask('{ location(slug: "corner") { id } }')
        assert answered.data is not None
        sent = await paths_of(
            ask, f'{{ node(id: "{answered.data["location"]["id"]}") {{ id }} freshness {{ source }} }}', 2
        )

    assert sorted(sent) == [(("freshness",), None), (("node",), 1)]
