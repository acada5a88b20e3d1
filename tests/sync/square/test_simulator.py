"""The simulated seller: its answers are Square's, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from sync.simulators.server import running
from sync.simulators.simulator import Simulator
from sync.simulators.square import Options, Seller
from sync.simulators.square_goods import MERCHANT
from tests.sync.square.openapi import SPECIFICATION, schemas, violations

NEEDS_SPECIFICATION = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason="needs Square's OpenAPI file ../shared/data/formats/square.openapi.json.gz"
)
MORNING = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
SEARCH, COUNTS = "/v2/catalog/search", "/v2/inventory/counts/batch-retrieve"
EVERY = ["ITEM", "ITEM_VARIATION", "MODIFIER_LIST", "MODIFIER", "CATEGORY", "TAX", "IMAGE"]


@pytest.fixture
def seller() -> Seller:
    found = Seller(Options(items=14, page_size=5), clock=lambda: MORNING)
    found.sell_out("ITEM00001V0", "LOC000", "2026-03-18T18:00:00Z")
    found.ledger.delete("ITEM00003")
    return found


@pytest.fixture
async def client(seller: Seller) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        running(Simulator(seller)) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        yield client


async def every(client: httpx2.AsyncClient, path: str, rows: str, **asked: Any) -> list[dict[str, Any]]:
    """The rows of all pages."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.post(path, json={**asked, **cursor})).json()
        found += page[rows]
        if "cursor" not in page:
            return found
        cursor = {"cursor": page["cursor"]}


@NEEDS_SPECIFICATION
@pytest.mark.parametrize(
    ("method", "path", "asked", "schema"),
    [
        ("GET", "/v2/locations", None, "ListLocationsResponse"),
        ("GET", "/v2/locations/LOC000", None, "RetrieveLocationResponse"),
        ("GET", "/v2/catalog/list", None, "ListCatalogResponse"),
        ("GET", "/v2/catalog/list?types=item_variation,MODIFIER", None, "ListCatalogResponse"),
        ("POST", SEARCH, {"limit": 1000}, "SearchCatalogObjectsResponse"),
        (
            "POST",
            SEARCH,
            {"object_types": EVERY, "include_deleted_objects": True, "include_related_objects": True},
            "SearchCatalogObjectsResponse",
        ),
        (
            "POST",
            "/v2/catalog/batch-retrieve",
            {"object_ids": ["ITEM00001", "ITEM00003", "ITEM00006V1"], "include_related_objects": True},
            "BatchRetrieveCatalogObjectsResponse",
        ),
        ("POST", COUNTS, {"states": ["IN_STOCK"]}, "BatchRetrieveInventoryCountsResponse"),
        ("POST", SEARCH, {"begin_time": "soon"}, "SearchCatalogObjectsResponse"),
        ("GET", "/v2/locations/NOWHERE", None, "RetrieveLocationResponse"),
    ],
)
async def test_answers_are_as_the_specification_says(
    client: httpx2.AsyncClient, method: str, path: str, asked: Any, schema: str
) -> None:
    answer = await client.request(method, path, json=asked)

    assert not list(violations(answer.json(), schemas()[schema]))


@NEEDS_SPECIFICATION
def test_the_check_of_the_specification_can_fail() -> None:
    wrong = {
        "objects": [{"type": "ITEM", "id": 7}, {"id": "A"}, {"type": "PIZZA", "id": "B", "cheese": 1}],
        "cursor": None,
    }

    assert list(violations(wrong, schemas()["SearchCatalogObjectsResponse"])) == [
        "$.objects[0].id must be string, not 7",
        "$.objects[1].type is missing",
        f"$.objects[2].type must be one of {schemas()['CatalogObjectType']['enum']}, not 'PIZZA'",
        "$.objects[2].cheese is unknown",
        "$.cursor must be string, not None",
    ]


async def test_pages_hold_every_object_once(client: httpx2.AsyncClient, seller: Seller) -> None:
    found = await every(client, SEARCH, "objects", object_types=EVERY)

    assert [one["id"] for one in found] == [one["id"] for one in seller.ledger.live()]


async def test_a_search_from_a_time_leaves_out_that_time(client: httpx2.AsyncClient, seller: Seller) -> None:
    told = (await client.post(SEARCH, json={})).json()["latest_time"]
    seller.ledger.change("ITEM00002V0", lambda thing: None)
    seller.ledger.delete("ITEM00004")
    asked = {"object_types": EVERY, "begin_time": told}

    changed = await every(client, SEARCH, "objects", **asked)
    with_gone = await every(client, SEARCH, "objects", **asked, include_deleted_objects=True)

    assert [one["id"] for one in changed] == ["ITEM00002V0"]
    assert {one["id"]: one["is_deleted"] for one in with_gone} == {
        "ITEM00002V0": False,
        **{one["id"]: True for one in with_gone if one["id"].startswith("ITEM00004")},
    }
    assert "ITEM00004" in {one["id"] for one in with_gone}


async def test_nested_objects_must_be_asked_for(client: httpx2.AsyncClient) -> None:
    found = await every(client, SEARCH, "objects")

    assert {one["type"] for one in found} == {"ITEM", "MODIFIER_LIST", "CATEGORY", "TAX", "IMAGE"}


async def test_counts_are_newest_first(client: httpx2.AsyncClient, seller: Seller) -> None:
    seller.ledger.count("ITEM00002V0", "LOC001", 4)
    seller.ledger.count("ITEM00002V0", "LOC000", 3)

    found = await every(client, COUNTS, "counts", location_ids=["LOC000", "LOC001"])
    later = await every(client, COUNTS, "counts", updated_after=found[1]["calculated_at"])
    here = await every(client, COUNTS, "counts", catalog_object_ids=["ITEM00002V0"], location_ids=["LOC001"])

    times = [one["calculated_at"] for one in found]
    assert times == sorted(times, reverse=True)
    assert [one["quantity"] for one in later] == ["3"]
    assert [one["quantity"] for one in here] == ["4"]


async def test_a_token_is_asked_for() -> None:
    async with (
        running(Simulator(Seller(Options(items=1, token="secret")))) as url,  # noqa: S106 - guards nothing
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        without = await client.get("/v2/locations")
        having = await client.get("/v2/locations", headers={"Authorization": "Bearer secret"})

    assert (without.status_code, without.json()["errors"][0]["code"]) == (401, "UNAUTHORIZED")
    assert having.json()["locations"][0]["merchant_id"] == MERCHANT


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("price", {"id": "ITEM00001V0", "amount": 999}, 200),
        ("price", {}, 200),
        ("delete", {"id": "ITEM00001"}, 200),
        ("forget", {}, 200),
        ("revive", {"id": "ITEM00003"}, 200),
        ("revive", {"id": "ITEM00001"}, 200),
        ("sell_out", {"id": "ITEM00002", "location": "LOC001"}, 200),
        ("count", {"id": "ITEM00002V0", "location": "LOC001", "quantity": 2}, 200),
        ("count", {"id": "ITEM00002V0", "location": "NOWHERE", "quantity": 2}, 400),
        ("delete", {"id": "NOTHING"}, 400),
        ("price", {"cents": 1}, 400),
    ],
)
async def test_actions(client: httpx2.AsyncClient, action: str, body: dict[str, Any], status: int) -> None:
    answer = await client.post(f"/_simulator/{action}", json=body)

    assert answer.status_code == status, answer.text


def test_the_same_seed_gives_the_same_goods() -> None:
    first, second, other = (Seller(Options(seed=seed), clock=lambda: MORNING) for seed in (1, 1, 2))

    assert first.ledger.objects == second.ledger.objects
    assert first.ledger.objects != other.ledger.objects
