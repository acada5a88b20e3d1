from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx2
import pytest

from sync.simulators.eat_api import EatApi
from sync.simulators.eat_api_data import Generated
from sync.simulators.server import running
from sync.simulators.simulator import Simulator

MORNING = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
WEEK = "/mensa-uhrturm-marlstadt/2026/12.json"


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        running(Simulator(EatApi(Generated(clock=lambda: MORNING)))) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("path", ["/canteens.json", "/enums/labels.json", "/stock.json", WEEK])
async def test_documents_are_json_with_a_strong_etag(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["date"] == "Wed, 18 Mar 2026 09:30:00 GMT"
    assert parsedate_to_datetime(answer.headers["last-modified"]) <= MORNING
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.json()


@pytest.mark.parametrize("condition", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
async def test_a_known_etag_is_answered_304(client: httpx2.AsyncClient, condition: str) -> None:
    etag = (await client.get(WEEK)).headers["etag"]

    answer = await client.get(WEEK, headers={"If-None-Match": condition.format(etag=etag)})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert answer.headers["date"] == "Wed, 18 Mar 2026 09:30:00 GMT"
    assert "content-length" not in answer.headers


async def test_another_etag_is_answered_in_full(client: httpx2.AsyncClient) -> None:
    assert (await client.get(WEEK, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_missing_week_is_a_json_404(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/mensa-uhrturm-marlstadt/2026/30.json")

    assert answer.status_code == 404
    assert answer.json() == {"error": "/mensa-uhrturm-marlstadt/2026/30.json is not published"}


async def test_head_has_no_body(client: httpx2.AsyncClient) -> None:
    full, head = await client.get(WEEK), await client.head(WEEK)

    assert head.content == b""
    assert head.headers == full.headers


async def test_documents_cannot_be_posted_to(client: httpx2.AsyncClient) -> None:
    answer = await client.post(WEEK)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_publishing_changes_the_document_and_its_etag(client: httpx2.AsyncClient) -> None:
    etag = (await client.get(WEEK)).headers["etag"]

    told = (await client.post("/_simulator/publish", json={})).json()

    assert told["revision"] == 1
    assert (await client.get(WEEK, headers={"If-None-Match": etag})).status_code == 200


async def test_the_state_counts_requests_by_answer(client: httpx2.AsyncClient) -> None:
    etag = (await client.get(WEEK)).headers["etag"]
    await client.get(WEEK, headers={"If-None-Match": etag})
    await client.get("/nothing.json")
    await client.post("/_simulator/fault", json={"mode": "status:503", "path": "/stock*", "count": 2})
    await client.get("/stock.json")

    assert (await client.get("/_simulator")).json() == {
        "mode": "generated",
        "seed": 1,
        "revision": 0,
        "published_at": "2026-03-18T09:30:00+00:00",
        "requests": {"200": 1, "304": 1, "404": 1, "status:503": 1},
        "faults": [{"mode": "status:503", "path": "/stock*", "count": 1}],
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("POST", "/_simulator/step", b'{"step": 1}', 409, "generated data has no steps"),
        ("POST", "/_simulator/fault", b'{"mode": "sulk"}', 400, "mode must be one of hang, hang-headers"),
        ("POST", "/_simulator/fault", b'{"mode": "status:200"}', 400, "status must be 400 to 599"),
        ("POST", "/_simulator/fault", b'{"mode": "replace"}', 400, "replace needs a body"),
        ("POST", "/_simulator/fault", b'{"mode": "hang", "cuont": 1}', 400, "unknown field `cuont`"),
        ("POST", "/_simulator/fault", b"{", 400, "Input data was truncated"),
        ("GET", "/_simulator/fault", b"", 404, "no GET /_simulator/fault here"),
    ],
)
async def test_control_refuses_what_makes_no_sense(
    client: httpx2.AsyncClient, method: str, path: str, body: bytes, status: int, error: str
) -> None:
    answer = await client.request(method, path, content=body)

    assert answer.status_code == status
    assert error in answer.json()["error"]


async def test_a_taken_port_is_an_error() -> None:
    async with running(Simulator(EatApi(Generated()))) as url:
        with pytest.raises(OSError, match="in use"):
            async with running(Simulator(EatApi(Generated())), port=int(url.rpartition(":")[2])):
                pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_server_though_a_request_hangs(number: signal.Signals) -> None:
    code = (
        "import asyncio; from sync.simulators.kinds import open_supply; from sync.simulators.simulator import serve\n"
        "asyncio.run(serve(open_supply('eat_api', {}), port=0))"
    )
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env=environment, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with httpx2.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        now = parsedate_to_datetime((await client.get("/canteens.json")).headers["date"])
        await client.post("/_simulator/fault", json={"mode": "hang"})
        hanging = asyncio.create_task(client.get("/canteens.json"))
        await asyncio.sleep(0.2)

        process.send_signal(number)

        assert await asyncio.wait_for(process.wait(), 5) == 0
        with pytest.raises(httpx2.TransportError):
            await hanging
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=30)
