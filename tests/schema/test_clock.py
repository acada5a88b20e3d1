"""Values that change by the clock alone, with no sync: at the very instant, by both executors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.catalog.filling import schedule
from tests.pantry import Pantry, stocked
from tests.schema.both import both

CONFIRMED = datetime(2026, 10, 25, 15, tzinfo=UTC)
"""A Sunday on which clocks went back in Berlin: it is four in the afternoon, an hour later than the days before."""

SIX = datetime(2026, 10, 25, 17, tzinfo=UTC)
TICK = timedelta(microseconds=1)
STOCK = 'query ($at: DateTime) { search(text: "soup") { nodes { availability { state(at: $at) until(at: $at) } } } }'
AGE = '{ search(text: "soup") { nodes { availability { state freshness { status } } } } }'


def sold_out_until_six(pantry: Pantry) -> None:
    pantry.confirmed_at = SIX - timedelta(seconds=5)
    pantry.availability(pantry.item(pantry.location("corner"), "soup"), "SOLD_OUT", until=SIX)


@pytest.mark.parametrize(
    ("instant", "state", "until", "lasts"),
    [
        (SIX - TICK, "SOLD_OUT", "2026-10-25T17:00:00+00:00", SIX),
        (SIX, "AVAILABLE", None, SIX + timedelta(seconds=595) + TICK),
    ],
)
async def test_what_is_sold_out_until_six_is_there_at_six(
    store: str, instant: datetime, state: str, until: str | None, lasts: datetime
) -> None:
    await stocked(sold_out_until_six)

    async with both(store) as ask:
        answer = await ask(STOCK, instant)

    [item] = answer.data["search"]["nodes"]
    assert item["availability"] == {"state": state, "until": until}
    # The freshness may change earlier than the state: no later instant is named than either.
    assert answer.changes_at is not None
    assert instant < answer.changes_at <= lasts


async def test_a_later_instant_can_be_asked_about_as_far_as_is_known_now(store: str) -> None:
    await stocked(sold_out_until_six)

    async with both(store) as ask:
        later = await ask(STOCK, SIX - TICK, at="2026-10-25T18:00:00+01:00")
        expired = await ask(STOCK, SIX + timedelta(seconds=601), at="2026-10-25T17:00:00+01:00")

    assert later.data["search"]["nodes"][0]["availability"] == {"state": "AVAILABLE", "until": None}
    assert expired.data["search"]["nodes"][0]["availability"]["state"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("seconds", "state", "status"),
    [
        (60, "AVAILABLE", "FRESH"),
        (61, "AVAILABLE", "STALE"),
        (600, "AVAILABLE", "STALE"),
        (601, "UNKNOWN", "EXPIRED"),
    ],
)
async def test_availability_grows_old_by_itself(store: str, seconds: int, state: str, status: str) -> None:
    def fill(pantry: Pantry) -> None:
        pantry.confirmed_at = CONFIRMED
        pantry.availability(pantry.item(pantry.location("corner"), "soup"), "AVAILABLE")

    await stocked(fill)

    async with both(store) as ask:
        answer = await ask(AGE, CONFIRMED + timedelta(seconds=seconds))

    assert answer.data["search"]["nodes"][0]["availability"] == {"state": state, "freshness": {"status": status}}


@pytest.mark.parametrize(
    ("instant", "amount", "lasts"),
    [
        (SIX - TICK, "4.0000", SIX),
        (SIX, "2.0000", SIX + timedelta(hours=1)),
        (SIX + timedelta(hours=1), "4.0000", SIX + timedelta(days=7)),
    ],
)
async def test_a_happy_hour_begins_and_ends_by_the_local_clock(
    store: str, instant: datetime, amount: str, lasts: datetime
) -> None:
    def fill(pantry: Pantry) -> None:
        soup = pantry.item(pantry.location("corner"), "soup")
        pantry.offer(soup, "4")
        happy = schedule(pantry, "happy", [[7, "18:00", "19:00"]])
        row = pantry.row("offer", "happy", "price", "corner")
        soup.offers.create(**row, amount="2", currency="EUR", schedule=happy)

    await stocked(fill)

    async with both(store) as ask:
        answer = await ask('{ search(text: "soup") { nodes { price { money { amount } } prices { id } } } }', instant)

    [item] = answer.data["search"]["nodes"]
    assert item["price"]["money"]["amount"] == amount
    assert len(item["prices"]) == (2 if amount == "2.0000" else 1)
    assert answer.changes_at == lasts
