"""A second application's own models, filled by declaration alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.runner import run_stream
from sync.runs import RunReport, State
from sync.settings import SourceSettings
from tests.sync.http_json.pulling import source
from tests.sync.http_json.shop import Shop
from tests.sync.larder import Larder

PARK = """
[streams.trails]
mode = "snapshot"
concerns = ["menu"]
confirms = "region"
guarded = false

[[streams.trails.documents]]
name = "regions"
path = "regions"
confirms = "'park'"
[[streams.trails.documents.records]]
kind = "region"
key = "code"
[streams.trails.documents.records.fields]
name = "name"

[[streams.trails.documents]]
name = "trails"
path = "trails"
items = "data"
paging = { kind = "link" }
[[streams.trails.documents.records]]
kind = "trail"
key = "id"
[streams.trails.documents.records.fields]
name = "name"
region = "region"
kilometres = "km"
opened_on = "to_date(opened, '%d/%m/%Y')"
measured_at = "from_epoch(measured)"
tags = "tags"

[streams.conditions]
mode = "sparse"
concerns = ["availability"]
[[streams.conditions.documents]]
name = "regions"
path = "regions"
[[streams.conditions.documents]]
parent = "regions"
path = "regions/{code}/closed"
confirms = "parent().code"
[[streams.conditions.documents.records]]
kind = "condition"
key = "@"
[streams.conditions.documents.records.fields]
state = "'CLOSED'"
"""

pytestmark = pytest.mark.usefixtures("trails")


@pytest.fixture
def larder(trails: str) -> Larder:
    return Larder(trails)


@pytest.fixture
def park(shop: Shop) -> SourceSettings:
    shop.documents["regions"] = [{"code": "n", "name": "North"}, {"code": "s", "name": "South"}]
    shop.pages("trails", [trail(1, "n"), trail(2, "n", km=1.10), trail(3, "s")])
    shop.documents |= {"regions/n/closed": [2], "regions/s/closed": []}
    return source(shop.url, PARK, "park")


def trail(number: int, region: str | None, **other: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Trail {number}", "region": region, "opened": "01/05/2020", **other}


async def ran(settings: SourceSettings, stream: str = "trails") -> RunReport:
    report = await run_stream(settings, stream)
    assert report.state is State.PUBLISHED, report
    return report


def names(larder: Larder) -> list[str]:
    return [
        name
        for (name,) in larder.rows("SELECT external_id FROM larder_trails_trail WHERE deleted_at IS NULL ORDER BY 1")
    ]


async def test_rows_hold_what_was_declared(larder: Larder, park: SourceSettings, shop: Shop) -> None:
    shop.pages("trails", [trail(1, "n", km=12345678901234.000001, measured=1700000000, tags=["steep"])])
    shop.documents["trails"] = b"""{"data": [{"id": 1, "name": "Ridge", "region": "n", "km": 12345678901234.000001,
        "opened": "01/05/2020", "measured": 1700000000, "tags": ["steep"]}]}"""

    report = await ran(park)

    assert (report.inserted, report.quarantined) == (3, 0)
    assert larder.rows(
        """SELECT t.external_id, t.name, r.name, kilometres, opened_on, measured_at, tags
        FROM larder_trails_trail t JOIN larder_trails_region r ON r.id = t.region_id"""
    ) == [
        (
            "1",
            "Ridge",
            "North",
            Decimal("12345678901234.000001"),
            date(2020, 5, 1),
            datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
            ["steep"],
        )
    ]


async def test_a_second_run_writes_nothing(larder: Larder, park: SourceSettings) -> None:
    first = await ran(park)
    second = await ran(park)

    assert (first.inserted, first.confirmed) == (5, 3)
    assert (second.changed, second.confirmed) == (0, 3)


async def test_what_is_gone_is_deleted_also_when_its_unit_is_named_no_longer(
    larder: Larder, park: SourceSettings, shop: Shop
) -> None:
    await ran(park)
    shop.pages("trails", [trail(1, "n")])

    report = await ran(park)
    again = await ran(park)

    assert (report.deleted, names(larder), again.changed) == (2, ["1"], 0)


async def test_an_item_whose_unit_nobody_can_tell_deletes_nothing(
    larder: Larder, park: SourceSettings, shop: Shop
) -> None:
    await ran(park)
    before = larder.rows("SELECT scope, confirmed_at FROM larder_confirmation ORDER BY 1")
    shop.pages("trails", [trail(1, "n"), trail(9, None)])

    report = await ran(park)

    assert (report.deleted, report.quarantined, names(larder)) == (0, 1, ["1", "2", "3"])
    assert larder.rows("SELECT scope, confirmed_at FROM larder_confirmation ORDER BY 1") == before


async def test_a_reference_that_leads_nowhere_is_refused(larder: Larder, park: SourceSettings, shop: Shop) -> None:
    shop.pages("trails", [trail(1, "n"), trail(2, "x")])

    await ran(park)

    assert names(larder) == ["1"]
    assert larder.problems() == [("trail", "2", "region must be a known region", "x")]


async def test_sparse_records_are_exceptions_to_the_default(larder: Larder, park: SourceSettings, shop: Shop) -> None:
    await ran(park)

    await ran(park, "conditions")
    states = larder.rows("SELECT external_id, state FROM larder_trails_condition ORDER BY 1")
    shop.documents["regions/n/closed"] = []
    await ran(park, "conditions")

    assert states == [("1", "OPEN"), ("2", "CLOSED"), ("3", "OPEN")]
    assert larder.value("SELECT count(*) FROM larder_trails_condition WHERE state = 'CLOSED'") == 0


async def test_one_regions_failure_leaves_the_others_alone(larder: Larder, park: SourceSettings, shop: Shop) -> None:
    await ran(park)
    del shop.documents["regions/n/closed"]

    report = await ran(park, "conditions")

    assert report.failed_documents == 1
    assert larder.rows("SELECT external_id FROM larder_trails_condition") == [("3",)]


SINGLE = """
[streams.regions]
mode = "snapshot"
concerns = ["menu"]
guarded = false
confirms = "code"
[[streams.regions.documents]]
path = "regions"
[[streams.regions.documents.records]]
kind = "region"
key = "code"
[streams.regions.documents.records.fields]
name = "name"
"""


async def test_an_unchanged_document_is_not_sent_again(larder: Larder, park: SourceSettings, shop: Shop) -> None:
    settings = source(shop.url, SINGLE, "park")
    await ran(settings, "regions")

    report = await ran(settings, "regions")

    assert (report.unchanged_documents, report.confirmed, report.changed) == (1, 2, 0)
    assert shop.headers[-1]["if-none-match"]


async def test_a_document_of_which_something_was_refused_is_asked_for_in_full(
    larder: Larder, park: SourceSettings, shop: Shop
) -> None:
    settings = source(shop.url, SINGLE.replace('name = "name"', 'name = "upper(name)"'), "park")
    shop.documents["regions"] = [{"code": "n", "name": 5}, {"code": "s", "name": "South"}]
    await ran(settings, "regions")

    report = await ran(settings, "regions")

    assert (report.unchanged_documents, report.quarantined) == (0, 1)
    assert larder.problems() == [("region", "n", "upper(name) must be readable", "not a text: 5")]


async def test_a_document_that_is_read_in_another_way_is_asked_for_in_full(
    larder: Larder, park: SourceSettings, shop: Shop
) -> None:
    await ran(source(shop.url, SINGLE, "park"), "regions")

    report = await ran(source(shop.url, SINGLE.replace('"name"', '"upper(name)"'), "park"), "regions")

    assert (report.unchanged_documents, report.updated) == (0, 2)


async def test_a_private_address_is_refused(larder: Larder, park: SourceSettings, shop: Shop) -> None:
    options = {name: said for name, said in park.options.items() if name != "allow_private"}

    report = await run_stream(SourceSettings("park", "http_json", shop.url, options), "trails")

    assert report.state is State.FAILED
    assert "a supplier must have a public address, unless options.allow_private is true: 127.0.0.1" in report.error
    assert shop.asked == []
