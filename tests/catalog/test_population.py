"""Which items of a location must have an availability, and how a supplier names them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import psycopg
from asgiref.sync import sync_to_async

from catalog import models
from catalog.targets.availability import sold_at_location
from sync.sparse import agreed, members
from sync.targets import Refused
from tests.catalog.filling import option_of, shared_item
from tests.pantry import Pantry, stocked

AT = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
"""Already the 11th in Berlin."""

YESTERDAY, TODAY = date(2026, 3, 10), date(2026, 3, 11)


async def named(writer: psycopg.AsyncConnection[Any], scope: str = "corner") -> dict[str, list[str]]:
    """Key -> the names by which records may mean it."""
    rows = await sync_to_async(lambda: sold_at_location("pantry", scope, AT))()
    found = await members(writer, rows)
    assert {member["location_key"] for member, _ in found.values()} <= {scope}
    return {key: names for key, (_, names) in found.items()}


async def test_a_dish_of_today_goes_by_its_date_and_name_and_others_by_their_key(
    writer: psycopg.AsyncConnection[Any],
) -> None:
    def fill(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        for day, name in ((YESTERDAY, "gone by"), (TODAY, "soup"), (None, "always")):
            pantry.place(pantry.item(corner, name), pantry.section(pantry.menu(corner, day), "Mains"))

    await stocked(fill)

    assert await named(writer) == {
        "corner/soup": ["corner/2026-03-11/soup"],
        "corner/always": ["corner/always"],
    }


async def test_options_have_one_though_they_stand_in_no_menu(writer: psycopg.AsyncConnection[Any]) -> None:
    def fill(pantry: Pantry) -> None:
        corner, square = pantry.location("corner"), pantry.location("square")
        option_of(pantry, pantry.item(corner, "rice"))
        option_of(pantry, pantry.item(square, "elsewhere"))
        gone = option_of(pantry, pantry.item(corner, "gone"))
        models.GroupOption.objects.filter(pk=gone.pk).update(deleted_at=AT)

    await stocked(fill)

    assert await named(writer) == {"corner/rice": ["corner/rice"]}


async def test_an_item_that_locations_share_has_one_for_each(writer: psycopg.AsyncConnection[Any]) -> None:
    def fill(pantry: Pantry) -> None:
        cola = shared_item(pantry, "cola")
        option_of(pantry, shared_item(pantry, "ice"))
        for slug in ("corner", "square"):
            pantry.place(cola, pantry.section(pantry.menu(pantry.location(slug)), "Drinks"))

    await stocked(fill)

    assert await named(writer) == {"corner/cola": ["cola"], "corner/ice": ["ice"]}
    assert await named(writer, "square") == {"square/cola": ["cola"], "square/ice": ["ice"]}


async def test_an_item_on_a_dated_menu_and_another_goes_by_either_name(writer: psycopg.AsyncConnection[Any]) -> None:
    def fill(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        soup = pantry.item(corner, "soup")
        for day in (TODAY, None):
            pantry.place(soup, pantry.section(pantry.menu(corner, day), "Mains"))

    await stocked(fill)

    assert await named(writer) == {"corner/soup": ["corner/2026-03-11/soup", "corner/soup"]}


def test_what_is_said_under_two_names_must_agree() -> None:
    sold_out, left = {"state": "SOLD_OUT"}, {"state": "AVAILABLE"}
    refused = Refused("a rule", "a value")

    assert agreed([], "soup") == {}
    assert agreed([sold_out, dict(sold_out)], "soup") == sold_out
    assert agreed([refused], "soup") is refused
    assert isinstance(agreed([sold_out, left], "soup"), Refused)
    assert isinstance(agreed([sold_out, refused], "soup"), Refused)
