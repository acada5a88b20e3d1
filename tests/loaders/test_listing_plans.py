"""What PostgreSQL does for a page of a listing: page 1,000 costs what page 1 costs."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from catalog.models import Location
from loaders.errors import DeclarationError
from loaders.listings import Listing, declared_listing
from resolvers.locations import locations_by_name
from tests.asking import asking

PAGE = 20
ROWS = PAGE * 1_000 + PAGE

FILL = """
INSERT INTO larder_source (name, kind, account) VALUES ('many', 'test', '');
INSERT INTO larder_location
    (source, external_id, node_id, scope, content_hash, slug, name, timezone, currency, accepting)
SELECT 'many', n::text, gen_random_uuid(), '', gen_random_uuid(),
       'place-' || n, 'Place ' || lpad((n / 3)::text, 6, '0'), 'Europe/Berlin', 'EUR', true
FROM generate_series(1, %s) AS n;
"""


def explain(connection: psycopg.Connection[Any], listing: Listing, position: tuple[str, int] | None) -> dict[str, Any]:
    statement = listing.page(("name", "slug"), (), after=position is not None, backward=False)
    name, key = position or ("", 0)
    values = statement.arguments({"after_name": name, "after_id": key, "limit_": PAGE + 1})
    row = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.text}", values).fetchone()
    assert row is not None
    plan: dict[str, Any] = row[0][0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> list[str]:
    return [plan["Node Type"], *(name for child in plan.get("Plans", []) for name in nodes(child))]


def test_page_1000_reads_what_page_1_reads(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute(FILL.replace("%s", str(ROWS)))
        connection.execute("VACUUM ANALYZE larder_location")
        position = connection.execute(
            "SELECT name, id FROM larder_location ORDER BY name, id OFFSET %s LIMIT 1", [PAGE * 999 - 1]
        ).fetchone()
        assert position is not None
        explain(connection, locations_by_name, None)
        first = explain(connection, locations_by_name, None)
        thousandth = explain(connection, locations_by_name, position)

    assert nodes(first) == nodes(thousandth) == ["Limit", "Index Scan"]
    assert first["Plans"][0]["Index Name"] == thousandth["Plans"][0]["Index Name"] == "larder_location_page"
    assert thousandth["Actual Rows"] == first["Actual Rows"] == PAGE + 1
    assert thousandth["Shared Hit Blocks"] <= first["Shared Hit Blocks"] + 4


async def test_a_total_above_the_cap_is_the_planners_estimate(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        connection.execute(FILL.replace("%s", str(ROWS)))
        connection.execute("ANALYZE larder_location")

    async with asking(store) as ask:
        answered = await ask("{ locations(first: 1) { totalCount totalCountIsExact nodes { name } } }")

    assert answered.data is not None
    assert answered.data["locations"]["totalCountIsExact"] is False
    assert ROWS / 2 <= answered.data["locations"]["totalCount"] <= ROWS * 2
    assert answered.statements == 3


def test_an_order_that_goes_two_ways_is_refused() -> None:
    with pytest.raises(DeclarationError, match="a keyset order must go one way in all its columns, not name, -id"):
        declared_listing(Location, order=("name", "-id"))(Location.objects.all)


def test_an_order_over_nulls_is_refused() -> None:
    with pytest.raises(DeclarationError, match="must not hold nullable columns such as address"):
        declared_listing(Location, order=("address",))(Location.objects.all)
