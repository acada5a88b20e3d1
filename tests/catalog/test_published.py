"""What a real publish leaves behind: the summary of a location follows what the supplier says."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from catalog.models.location import SUMMARY_HEAD
from sync.runner import run_stream
from tests.sync.larder import Larder
from tests.sync.supplier import dish, supplying

SUMMARY = "SELECT item_count, sold_out_count, lowest_price FROM larder_location WHERE slug = 'mensa'"


NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZoneInfo("Europe/Berlin")).date()
"""Summaries count from the run's own day on."""


def stock(name: str, state: str) -> dict[str, Any]:
    return {"canteen_id": "mensa", "date": TODAY.isoformat(), "name": name, "state": state}


async def test_a_location_is_summed_up_by_every_publish(store: str) -> None:
    larder = Larder(store)
    async with supplying() as supplier:
        supplier.now = NOW
        supplier.week("mensa", {TODAY: [dish("Reis"), dish("Suppe")]}, TODAY)
        await run_stream(supplier.source(), "menu")
        [first] = larder.rows(SUMMARY)
        supplier.publish("stock.json", [stock("Reis", "SOLD_OUT")])
        await run_stream(supplier.source(), "stock")
        [second] = larder.rows(SUMMARY)
        before = larder.heads()
        await run_stream(supplier.source(), "stock")

        assert first[:2] == (2, 0)
        assert isinstance(first[2], Decimal)
        assert second == (2, 1, first[2])
        assert larder.heads() == before


async def test_the_summary_has_a_head_of_its_own_that_other_writers_bump_too(store: str) -> None:
    larder = Larder(store)
    async with supplying() as supplier:
        supplier.now = NOW
        supplier.week("mensa", {TODAY: [dish("Reis")]}, TODAY)
        await run_stream(supplier.source(), "menu")
    before = larder.heads().get(SUMMARY_HEAD, 0)

    larder.execute("UPDATE larder_location SET item_count = 7")

    assert larder.heads()[SUMMARY_HEAD] == before + 1
