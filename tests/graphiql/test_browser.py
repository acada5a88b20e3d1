"""GraphiQL in a real Chromium, over a real ``larder serve`` with data."""

from __future__ import annotations

import json
import os

import pytest

from tests.acceptance.processes import ROOT
from tests.clients.gateways import gateway
from tests.graphiql.conftest import Browse
from tests.graphiql.dishes import serve_dishes
from tests.pantry import stocked

TELLING = {"LARDER_SERVER_TIMING": "on", "LARDER_PLAN_EXPLAIN": "on", "LARDER_COST_EXTENSION": "on"}


@pytest.mark.slow
async def test_a_visit_shows_what_the_gateway_did_and_asks_nobody_else(store: str, browse: Browse) -> None:
    await stocked(serve_dishes)

    with gateway(**TELLING) as url:
        seen = json.loads(browse(url))

    assert seen["foreign"] == []
    assert seen["complaints"] == []
    assert seen["requests"] > 15
    assert seen["tabs"] == ["Storefront", "Locations", "Search", "ById"]
    place = seen["response"]["data"]["locations"]["nodes"][0]
    assert place["name"] == "Harbour Canteen"
    assert len(place["menus"]) == 3

    first = seen["first"]
    assert first["badges"] == ["200", "miss", "plan"]
    assert [phase.split("\n")[0] for phase in first["phases"]] == [
        *("cache", "db", "encode", "queue", "rest"),
        "round trip",
    ]
    assert all("ms" in phase for phase in first["phases"])
    assert first["filled"] == pytest.approx(first["bar"], abs=12)
    assert [row.split("\n")[0] for row in first["statements"]] == [
        *("locations", "opening", "menus", "sections", "items", "prices", "availability")
    ]
    assert all(" row" in row and "ms" in row for row in first["statements"])
    assert first["statements"][2].startswith("menus\n3 rows")
    assert all(sql.startswith("SELECT") for sql in first["sql"])
    assert sorted(row.split("\t")[0:2] for row in first["freshness"]) == [
        ["availability", "FRESH"],
        ["menu", "FRESH"],
        ["price", "FRESH"],
    ]

    assert seen["again"]["badges"] == ["200", "hit"]
    assert seen["again"]["filled"] == pytest.approx(seen["again"]["bar"], abs=12)
    assert seen["explorer"].startswith("query")
    assert "menus" in seen["explorer"]
    assert seen["opened"]["badges"][0] == "200"

    resolved = seen["resolved"]
    assert resolved["badges"] == ["200", "bypass", "resolvers"]
    assert "Plan none: resolvers" in " | ".join(" ".join(heading.split()) for heading in resolved["headings"])
    assert "__schema introspection" in resolved["notes"]
    assert [row.split("\n")[0] for row in resolved["statements"]] == ["locations"]

    assert seen["refused"]["badges"] == ["400", "GRAPHQL_VALIDATION_FAILED"]
    assert "nothing was executed" in seen["refused"]["notes"]


@pytest.mark.slow
@pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="takes pictures into the folder that SCREENSHOTS names")
async def test_pictures_of_it_are_taken(store: str, browse: Browse) -> None:
    folder = ROOT / os.environ["SCREENSHOTS"]
    await stocked(serve_dishes)

    with gateway(**TELLING) as url:
        browse(url, str(folder))

    assert {path.name for path in folder.glob("graphiql-*.png")} == {"graphiql-dark.png", "graphiql-light.png"}
