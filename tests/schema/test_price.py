"""What an item costs whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from catalog import models
from loaders.context import OperationContext
from loaders.lanes import Lanes
from loaders.session import ReadSession
from loaders.testing import assert_statements
from loaders.viewer import ANONYMOUS, Viewer
from resolvers.prices import price_by_item_id
from schema.root import schema
from tests.asking import asking
from tests.pantry import Pantry, stocked, storefront

ASK = 'query ($channel: Channel) { search(text: "soup") { nodes { price(channel: $channel) { money { amount } } } } }'


Row = tuple[str, str | None, str | None, dict[str, Any]]


def priced(*offers: Row) -> Any:
    """Fills a pantry with one soup. offers: amount, audience, channel, other columns."""

    def fill(pantry: Pantry) -> None:
        item = pantry.item(pantry.location("corner"), "soup")
        for number, (amount, audience, channel, columns) in enumerate(offers):
            row = pantry.row("offer", str(number), "price", "corner")
            other = {name: value() if callable(value) else value for name, value in columns.items()}
            models.Offer.objects.create(
                **row, item=item, amount=amount, currency="EUR", audience=audience, channel=channel, **other
            )

    return fill


async def price(store: str, audience: str | None, channel: str | None = None) -> str | None:
    viewer = ANONYMOUS if audience is None else Viewer("me", facets={"audience": audience})
    lanes = Lanes(store, count=1)
    await lanes.open()
    try:
        async with ReadSession(lanes) as session:
            context = OperationContext(session, viewer=viewer)
            result = await schema.execute(ASK, variable_values={"channel": channel}, context_value=context)
    finally:
        await lanes.close()
    assert not result.errors, result.errors
    assert result.data is not None
    [node] = result.data["search"]["nodes"]
    return None if node["price"] is None else str(node["price"]["money"]["amount"])


@pytest.mark.parametrize(
    ("audience", "amount"),
    [("STUDENTS", "1.0000"), ("STAFF", "3.0000"), ("GUESTS", "2.0000"), (None, "2.0000"), ("students", "2.0000")],
)
async def test_the_price_is_that_of_the_viewers_audience_else_the_one_for_everyone(
    store: str, audience: str | None, amount: str
) -> None:
    await stocked(priced(("3", None, None, {}), ("1", "STUDENTS", None, {}), ("2", "GUESTS", None, {})))

    assert await price(store, audience) == amount


async def test_there_is_none_where_the_viewers_audience_has_none(store: str) -> None:
    await stocked(priced(("1", "STUDENTS", None, {})))

    assert await price(store, None) is None


@pytest.mark.parametrize(
    ("audience", "channel", "amount"),
    [
        ("GUESTS", None, "4.0000"),
        ("GUESTS", "DELIVERY", "3.0000"),
        ("GUESTS", "PICKUP", "4.0000"),
        ("STUDENTS", "DELIVERY", "1.0000"),
        ("STUDENTS", "PICKUP", "2.0000"),
    ],
)
async def test_a_channel_narrows_and_the_audience_comes_first(
    store: str, audience: str, channel: str | None, amount: str
) -> None:
    await stocked(
        priced(
            ("4", None, None, {}),
            ("2", "STUDENTS", None, {}),
            ("3", None, "DELIVERY", {}),
            ("1", "STUDENTS", "DELIVERY", {}),
        )
    )

    assert await price(store, audience, channel) == amount


async def test_a_price_holds_where_and_when_it_is_valid(store: str) -> None:
    corner = lambda: models.Location.objects.get(slug="corner")  # noqa: E731 - it is there only once the store is filled
    elsewhere = lambda: Pantry("other").location("elsewhere")  # noqa: E731 - likewise
    past = datetime.now(UTC) - timedelta(days=1)
    await stocked(
        priced(
            ("5", None, None, {}),
            ("4", None, None, {"location": corner}),
            ("1", None, None, {"location": elsewhere}),
            ("2", "GUESTS", None, {"valid_until": past}),
        )
    )

    assert await price(store, "GUESTS") == "4.0000"


@pytest.mark.parametrize("items", [1, 10, 100])
async def test_prices_are_one_statement_however_many_items(store: str, items: int) -> None:
    await stocked(lambda pantry: storefront(pantry, "corner", items=items))

    async with asking(store) as ask, assert_statements(5):
        answered = await ask(
            '{ location(slug: "corner") { menus { sections { items { price { audience money { amount } } } } } } }'
        )

    assert not answered.errors
    assert answered.data is not None
    [menu] = answered.data["location"]["menus"]
    assert [len(section["items"]) for section in menu["sections"]] == [items, items]
    assert {item["price"]["audience"] for section in menu["sections"] for item in section["items"]} == {"GUESTS"}


async def test_prices_are_found_by_an_index(store: str) -> None:
    await stocked(lambda pantry: storefront(pantry, "corner", items=100))
    statement = price_by_item_id.statement(("amount",), ("audience",))

    def explained() -> str:
        keys = list(models.Item.objects.order_by("id").values_list("id", flat=True)[:3])
        values = {"audience": "STAFF", "keys": keys, "instant": datetime.now(UTC)}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("ANALYZE larder_offer, larder_item")
            # A table of a few pages is read as a whole otherwise.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement.text}", statement.arguments(values))
            return "\n".join(line for (line,) in cursor.fetchall())

    assert "on larder_offer_by_item" in (found := await sync_to_async(explained)()), found
