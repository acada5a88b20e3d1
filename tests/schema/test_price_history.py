"""What an item has cost, page by page; and prices for others, elsewhere and at other times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog import models
from loaders.viewer import Viewer
from tests.catalog.filling import group
from tests.pantry import Pantry, stocked
from tests.schema.both import both

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HISTORY = """
query ($since: DateTime, $first: Int, $after: String, $audience: Audience) { search(text: "soup") { nodes {
    priceHistory(since: $since, first: $first, after: $after, audience: $audience) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { recordedAt withdrawn audience channel money { amount currency } perUnit { unit } }
    }
} } }
"""


def changes(pantry: Pantry) -> None:
    """Three of the guests' price, the last of them its end; one of the students'; one as an option."""
    soup = pantry.item(pantry.location("corner"), "soup")
    guests, students = pantry.offer(soup, "3", "GUESTS"), pantry.offer(soup, "1", "STUDENTS")
    row = pantry.row("offer", "side", "price", "corner")
    side = models.Offer.objects.create(**row, item=soup, currency="EUR", amount="9", group=group(pantry, "Sides"))
    for offer, hours, amount, deleted in (
        (guests, 5, "2", False),
        (guests, 3, "3", False),
        (guests, 1, "3", True),
        (students, 3, "1", False),
        (side, 2, "9", False),
    ):
        models.PriceChange.objects.create(
            offer=offer, run_id=hours, recorded_at=NOON - hours * HOUR, amount=amount, currency="EUR", deleted=deleted
        )
    models.Offer.objects.filter(pk=guests.pk).update(deleted_at=NOON)


async def test_changes_come_latest_first_also_of_what_is_gone(store: str) -> None:
    await stocked(changes)

    async with both(store) as ask:
        [soup] = (await ask(HISTORY)).data["search"]["nodes"]

    assert [
        (change["recordedAt"], change["audience"], change["money"]["amount"], change["withdrawn"])
        for change in soup["priceHistory"]["nodes"]
    ] == [
        ("2026-03-10T11:00:00+00:00", "GUESTS", "3.0000", True),
        ("2026-03-10T09:00:00+00:00", "STUDENTS", "1.0000", False),
        ("2026-03-10T09:00:00+00:00", "GUESTS", "3.0000", False),
        ("2026-03-10T07:00:00+00:00", "GUESTS", "2.0000", False),
    ]


async def test_changes_can_be_narrowed_and_paged(store: str) -> None:
    await stocked(changes)

    async with both(store) as ask:
        [soup] = (await ask(HISTORY, since="2026-03-10T10:00:00+01:00", audience="GUESTS", first=1)).data["search"][
            "nodes"
        ]
        first = soup["priceHistory"]
        [soup] = (
            await ask(
                HISTORY,
                since="2026-03-10T09:00:00Z",
                audience="GUESTS",
                first=1,
                after=first["pageInfo"]["endCursor"],
            )
        ).data["search"]["nodes"]
        second = soup["priceHistory"]

    assert first["totalCount"] == second["totalCount"] == 2
    assert [change["withdrawn"] for page in (first, second) for change in page["nodes"]] == [True, False]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize("items", [1, 10, 100])
async def test_histories_are_one_statement_however_many_items(store: str, items: int) -> None:
    def fill(pantry: Pantry) -> None:
        corner = pantry.location("corner")
        for number in range(items):
            offer = pantry.offer(pantry.item(corner, f"soup {number}"), "1")
            models.PriceChange.objects.create(offer=offer, run_id=1, recorded_at=NOON, amount="1", currency="EUR")

    await stocked(fill)

    async with both(store) as ask:
        answer = await ask(
            'query ($n: Int) { search(text: "soup", first: $n) { nodes { priceHistory { nodes { recordedAt } } } } }',
            n=items,
        )

    assert [len(item["priceHistory"]["nodes"]) for item in answer.data["search"]["nodes"]] == [1] * items
    assert answer.statements == 2


PRICE = """
query ($audience: Audience, $at: DateTime) { search(text: "soup") { nodes {
    price(audience: $audience, at: $at) { money { amount } } prices(audience: $audience, at: $at) { audience }
} } }
"""


@pytest.mark.parametrize(
    ("audience", "at", "amount"),
    [
        (None, None, "3.0000"),
        ("STAFF", None, "2.0000"),
        ("STUDENTS", None, "1.0000"),
        ("STUDENTS", NOON + HOUR, "0.5000"),
        (None, NOON + HOUR, "3.0000"),
    ],
)
async def test_anybody_may_ask_for_another_audience_and_another_time(
    store: str, audience: str | None, at: datetime | None, amount: str
) -> None:
    def fill(pantry: Pantry) -> None:
        soup = pantry.item(pantry.location("corner"), "soup")
        pantry.offer(soup, "3", "GUESTS")
        pantry.offer(soup, "2", None)
        pantry.offer(soup, "1", "STUDENTS", valid_until=NOON + HOUR)
        row = pantry.row("offer", "later", "price", "corner")
        models.Offer.objects.create(
            **row, item=soup, currency="EUR", amount="0.5", audience="STUDENTS", valid_from=NOON + HOUR
        )

    await stocked(fill)

    async with both(store) as ask:
        answer = await ask(PRICE, NOON, audience=audience, at=at and at.isoformat())
        [soup] = answer.data["search"]["nodes"]
        student = await ask(PRICE, NOON, Viewer("me", facets={"audience": "STUDENTS"}), audience="GUESTS")

    assert soup["price"]["money"]["amount"] == amount
    assert len(soup["prices"]) == (3 if audience is None else 1 if audience == "STAFF" else 2)
    assert student.data["search"]["nodes"][0]["price"]["money"]["amount"] == "3.0000"
