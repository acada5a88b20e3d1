"""What is counted of a location: of the items on its menus, not of its whole history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from catalog.targets.summaries import OF_LOCATIONS
from tests.catalog.filling import group, schedule
from tests.pantry import Pantry, stocked

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = date(2026, 3, 10)
HOUR = timedelta(hours=1)

Summary = tuple[int, int, Decimal | None]


async def derived(writer: psycopg.AsyncConnection[Any], at: datetime = AT) -> int:
    """Rows that the statement changed."""
    return (await writer.execute(OF_LOCATIONS, {"source": "pantry", "at": at})).rowcount


async def summary(writer: psycopg.AsyncConnection[Any], slug: str = "corner") -> Summary:
    rows = await writer.execute(
        "SELECT item_count, sold_out_count, lowest_price FROM larder_location WHERE slug = %s", [slug]
    )
    found: Summary | None = await rows.fetchone()
    assert found is not None
    return found


async def test_counts_the_items_on_menus_of_today_and_later(writer: psycopg.AsyncConnection[Any]) -> None:
    def fill(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        pantry.location("empty")
        for days, name in ((-1, "gone by"), (0, "soup"), (0, "salad"), (None, "always")):
            day = None if days is None else TODAY + timedelta(days=days)
            menus = {menu.service_date: menu for menu in corner.menus.all()}
            menu = menus.get(day) or pantry.menu(corner, day)
            item = pantry.item(corner, name)
            for heading in ("Mains", "Specials"):
                sections = {section.name: section for section in menu.sections.all()}
                pantry.place(item, sections.get(heading) or pantry.section(menu, heading))
            pantry.availability(item, "SOLD_OUT" if name != "always" else "AVAILABLE")
            pantry.offer(item, {"gone by": "1", "soup": "3", "salad": "2.5", "always": "4"}[name])

    await stocked(fill)

    assert await derived(writer) == 1
    assert await summary(writer) == (3, 2, Decimal("2.5"))
    assert await summary(writer, "empty") == (0, 0, None)


async def test_what_is_as_it_was_is_not_written(writer: psycopg.AsyncConnection[Any]) -> None:
    def fill(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        soup = pantry.item(corner, "soup")
        pantry.place(soup, pantry.section(pantry.menu(corner, TODAY), "Mains"))
        pantry.availability(soup, "SOLD_OUT", until=AT + HOUR)

    await stocked(fill)

    assert await derived(writer) == 1
    assert await derived(writer) == 0
    assert await derived(writer, AT + HOUR) == 1
    assert await summary(writer) == (1, 0, None)
    assert await derived(writer, AT + timedelta(days=1)) == 1
    assert await summary(writer) == (0, 0, None)


Priced = Callable[[Pantry, Any], object]


@pytest.mark.parametrize(
    ("fill", "lowest"),
    [
        (lambda pantry, item: pantry.offer(item, "1", "STUDENTS"), None),
        (lambda pantry, item: pantry.offer(item, "1", "GUESTS"), "1"),
        (lambda pantry, item: pantry.offer(item, "2", "GUESTS") and pantry.offer(item, "1"), "2"),
        (lambda pantry, item: pantry.offer(item, None, per_unit_amount=Decimal(1), per_unit="100g"), None),
        (lambda pantry, item: pantry.offer(item, "1", valid_from=AT + HOUR), None),
        (lambda pantry, item: pantry.offer(item, "1", valid_until=AT), None),
        (lambda pantry, item: pantry.offer(item, "1", schedule=schedule(pantry, "noon", [[2, "13:00", "14:00"]])), "1"),
        (
            lambda pantry, item: pantry.offer(item, "1", schedule=schedule(pantry, "am", [[2, "12:00", "13:00"]])),
            None,
        ),
        (lambda pantry, item: pantry.offer(item, "1", group=group(pantry, "sides")), None),
        (lambda pantry, item: pantry.offer(item, "1", location=pantry.location("elsewhere")), None),
    ],
)
async def test_the_lowest_price_is_what_a_guest_pays_now(
    writer: psycopg.AsyncConnection[Any], fill: Priced, lowest: str | None
) -> None:
    def stock(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        soup = pantry.item(corner, "soup")
        pantry.place(soup, pantry.section(pantry.menu(corner), "Mains"))
        fill(pantry, soup)

    await stocked(stock)
    await derived(writer)

    assert await summary(writer) == (1, 0, None if lowest is None else Decimal(lowest))


async def test_another_currency_is_not_compared(writer: psycopg.AsyncConnection[Any]) -> None:
    def fill(pantry: Pantry) -> None:
        corner = pantry.location("corner", currency="NZD")
        soup = pantry.item(corner, "soup")
        pantry.place(soup, pantry.section(pantry.menu(corner), "Mains"))
        pantry.offer(soup, "1")

    await stocked(fill)
    await derived(writer)

    assert await summary(writer) == (1, 0, None)
