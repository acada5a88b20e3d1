"""Keyset paging through the schema: nothing repeated, nothing dropped, whatever is inserted meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from tests.asking import Asker, asking
from tests.pantry import Pantry, stocked

PAGE = """
query Page($first: Int, $after: String, $last: Int, $before: String) {
  locations(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { name } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount totalCountIsExact
  }
}
"""


def named(pantry: Pantry, count: int) -> None:
    for number in range(count):
        # Every name stands twice, so that only the tie-breaker keeps the order total.
        pantry.location(f"place-{number}", name=f"Place {number // 2:03}")


async def pages(ask: Asker, size: int) -> list[list[str]]:
    found, after = [], None
    while True:
        page = await connection(ask, first=size, after=after)
        found.append([edge["node"]["name"] for edge in page["edges"]])
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def connection(ask: Asker, **variables: Any) -> dict[str, Any]:
    answered = await ask(PAGE, **variables)
    assert not answered.errors
    assert answered.data is not None
    found: dict[str, Any] = answered.data["locations"]
    return found


@pytest.mark.parametrize("size", [1, 3, 7, 11, 100])
async def test_pages_follow_one_another(store: str, size: int) -> None:
    await stocked(lambda pantry: named(pantry, 11))

    async with asking(store) as ask:
        found = await pages(ask, size)

    assert [name for page in found for name in page] == [f"Place {number // 2:03}" for number in range(11)]
    assert all(len(page) == size for page in found[:-1])


async def test_pages_go_back_the_way_they_came(store: str) -> None:
    await stocked(lambda pantry: named(pantry, 7))

    async with asking(store) as ask:
        last = await connection(ask, last=3)
        before = await connection(ask, last=3, before=last["pageInfo"]["startCursor"])
        rest = await connection(ask, last=3, before=before["pageInfo"]["startCursor"])

    names = [[edge["node"]["name"] for edge in page["edges"]] for page in (rest, before, last)]
    assert names == [["Place 000"], ["Place 000", "Place 001", "Place 001"], ["Place 002", "Place 002", "Place 003"]]
    assert [page["pageInfo"]["hasPreviousPage"] for page in (rest, before, last)] == [False, True, True]
    assert [page["pageInfo"]["hasNextPage"] for page in (rest, before, last)] == [True, True, False]


async def test_rows_inserted_while_paging_are_neither_repeated_nor_do_they_drop_others(store: str) -> None:
    pantry = await stocked(lambda pantry: named(pantry, 10))
    seen, after = [], None

    async with asking(store) as ask:
        for step in range(10):
            page = await connection(ask, first=2, after=after)
            seen += [edge["node"]["name"] for edge in page["edges"]]
            await sync_to_async(pantry.location)(f"early-{step}", name="Aaa")
            await sync_to_async(pantry.location)(f"late-{step}", name=f"Zzz {step}")
            if not page["pageInfo"]["hasNextPage"] or len(seen) >= 14:
                break
            after = page["pageInfo"]["endCursor"]

    assert seen[:10] == [f"Place {number // 2:03}" for number in range(10)]
    assert "Aaa" not in seen
    assert len(set(seen[10:])) == len(seen[10:])


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"first": 101}, "first must be between 0 and 100, not 101"),
        ({"first": -1}, "first must be between 0 and 100, not -1"),
        ({"last": 101}, "last must be between 0 and 100, not 101"),
        ({"first": 1, "last": 1}, "first and last exclude each other"),
        ({"first": 1, "before": "x"}, "after goes with first, before goes with last"),
        ({"first": 1, "after": "x"}, "'x' is not a cursor"),
    ],
)
async def test_a_page_that_means_nothing_is_refused(store: str, variables: dict[str, Any], message: str) -> None:
    async with asking(store) as ask:
        answered = await ask(PAGE, **variables)

    assert answered.errors == [message]


async def test_a_cursor_does_not_fit_a_list_with_other_filters(store: str) -> None:
    def soups(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        for name in ("Linsensuppe", "Kartoffelsuppe", "Tomatensuppe"):
            pantry.item(corner, name)

    await stocked(soups)

    async with asking(store) as ask:
        page = await ask('{ search(text: "suppe", first: 1) { pageInfo { endCursor } } }')
        assert page.data is not None
        cursor = page.data["search"]["pageInfo"]["endCursor"]
        same = await ask(SEARCH, text="suppe", after=cursor)
        other = await ask(SEARCH, text="tomatensuppe", after=cursor)

    assert not same.errors
    assert other.errors == [f"{cursor!r} belongs to a list with another order or other filters"]


SEARCH = "query ($text: String!, $after: String) { search(text: $text, first: 1, after: $after) { nodes { name } } }"


async def test_the_total_is_counted_only_when_asked_for(store: str) -> None:
    await stocked(lambda pantry: named(pantry, 5))

    async with asking(store) as ask:
        without = await ask("{ locations(first: 2) { nodes { name } } }")
        counted = await ask("{ locations(first: 2) { totalCount totalCountIsExact nodes { name } } }")

    assert without.statements == 1
    assert counted.statements == 2
    assert counted.data is not None
    assert (counted.data["locations"]["totalCount"], counted.data["locations"]["totalCountIsExact"]) == (5, True)
