from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from sync.simulators.eat_api import EatApi
from sync.simulators.eat_api_data import Generated
from sync.simulators.faults import MODES
from sync.simulators.server import running
from sync.simulators.simulator import Simulator

PATH = "/canteens.json"
WEEK = "/mensa-uhrturm-marlstadt/2026/12.json"
DOCUMENTED = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    supply = Generated(clock=lambda: datetime(2026, 3, 18, 9, 30, tzinfo=UTC))
    async with (
        running(Simulator(EatApi(supply))) as url,
        httpx2.AsyncClient(base_url=url, timeout=2, trust_env=False) as client,
    ):
        yield client


async def given(client: httpx2.AsyncClient, **fault: Any) -> None:
    (await client.post("/_simulator/fault", json=fault)).raise_for_status()


async def test_hang_never_answers(client: httpx2.AsyncClient) -> None:
    await given(client, mode="hang")

    with pytest.raises(httpx2.ReadTimeout):
        await client.get(PATH, timeout=0.3)


async def test_late_gives_what_was_right_when_it_was_asked_for(client: httpx2.AsyncClient) -> None:
    right = await client.get(WEEK)
    await given(client, mode="late", seconds=0.5)
    begun = time.monotonic()
    asked = asyncio.create_task(client.get(WEEK))
    while not (await client.get("/_simulator")).json()["requests"].get("late"):  # noqa: ASYNC110 - looks at the server
        await asyncio.sleep(0.01)
    await client.post("/_simulator/publish", json={})

    answer = await asked

    assert time.monotonic() - begun >= 0.5
    assert answer.content == right.content
    assert (await client.get(WEEK, headers={"If-None-Match": right.headers["etag"]})).content != right.content


async def test_drip_gives_the_right_bytes_slowly(client: httpx2.AsyncClient) -> None:
    right = (await client.get("/stock.json")).content
    await given(client, mode="drip", seconds=0.0005)

    assert (await client.get("/stock.json")).content == right

    await given(client, mode="drip", seconds=0.2)
    begun, got = time.monotonic(), 0
    async with client.stream("GET", "/stock.json") as answer:
        async for chunk in answer.aiter_raw():
            got += len(chunk)
            if time.monotonic() - begun > 0.7:
                break
    assert 3 <= got <= 5


async def test_reset_breaks_off_in_the_body(client: httpx2.AsyncClient) -> None:
    length = len((await client.get(PATH)).content)
    await given(client, mode="reset")
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)

    writer.write(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    received = bytearray()

    async def read_on() -> None:
        while True:
            received.extend(await reader.read(65536))

    with pytest.raises(ConnectionResetError):
        await read_on()
    writer.close()

    assert not received or bytes(received).startswith(b"HTTP/1.1 200 ")
    assert len(received) < length
    with pytest.raises(httpx2.TransportError):
        await client.get(PATH)


async def test_truncate_looks_like_a_whole_answer(client: httpx2.AsyncClient) -> None:
    right = await client.get(PATH)
    await given(client, mode="truncate")

    answer = await client.get(PATH, headers={"If-None-Match": right.headers["etag"]})

    assert answer.status_code == 200
    assert answer.content == right.content[: len(right.content) // 2]
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["etag"] == right.headers["etag"]


async def test_html_is_served_as_a_success(client: httpx2.AsyncClient) -> None:
    await given(client, mode="html")

    answer = await client.get(PATH)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")


async def test_garbage_is_no_json(client: httpx2.AsyncClient) -> None:
    await given(client, mode="garbage")

    answer = await client.get(PATH)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(answer.content)


async def test_hang_headers_sends_the_head_alone(client: httpx2.AsyncClient) -> None:
    await given(client, mode="hang-headers")

    async with client.stream("GET", PATH, timeout=0.3) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
        with pytest.raises(httpx2.ReadTimeout):
            await answer.aread()


async def test_utf_16_is_called_utf_8(client: httpx2.AsyncClient) -> None:
    right = await client.get(PATH)
    await given(client, mode="utf-16")

    answer = await client.get(PATH)

    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.content.decode("utf-16") == right.text


async def test_bom_precedes_the_right_document(client: httpx2.AsyncClient) -> None:
    right = await client.get(PATH)
    await given(client, mode="bom")

    assert (await client.get(PATH)).content == b"\xef\xbb\xbf" + right.content


async def test_bad_gzip_is_no_gzip(client: httpx2.AsyncClient) -> None:
    await given(client, mode="bad-gzip")

    with pytest.raises(httpx2.DecodingError):
        await client.get(PATH)


async def test_a_gzip_bomb_is_little_that_becomes_much(client: httpx2.AsyncClient) -> None:
    await given(client, mode="gzip-bomb", size=2**22)

    answer = await client.get(PATH)

    assert int(answer.headers["content-length"]) < 2**14
    assert (len(answer.content), answer.json()) == (2**22 + 2, [])


async def test_huge_is_as_long_as_said_and_does_not_say_it(client: httpx2.AsyncClient) -> None:
    await given(client, mode="huge", size=100_000)

    answer = await client.get(PATH)

    assert "content-length" not in answer.headers
    assert (len(answer.content), answer.json()) == (100_002, [])


async def test_a_client_that_leaves_a_huge_answer_is_let_go(client: httpx2.AsyncClient) -> None:
    await given(client, mode="huge", size=2**40, count=1)

    async with client.stream("GET", PATH) as answer:
        assert len(await anext(answer.aiter_raw())) > 0

    assert (await client.get(PATH)).status_code == 200


@pytest.mark.parametrize(
    ("to", "location"), [(None, f"{PATH}?x=1"), ("http://other.example/", "http://other.example/")]
)
async def test_redirect(client: httpx2.AsyncClient, to: str | None, location: str) -> None:
    await given(client, mode="redirect", **({"to": to} if to else {}))

    answer = await client.get(f"{PATH}?x=1")

    assert (answer.status_code, answer.headers["location"]) == (302, location)


async def test_a_fault_may_name_the_query(client: httpx2.AsyncClient) -> None:
    await given(client, mode="status:500", path="*cursor=2")

    seen = [(await client.get(f"{PATH}{query}")).status_code for query in ("", "?cursor=1", "?cursor=2")]

    assert seen == [200, 200, 500]


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        ({"mode": "status:503"}, 503, None),
        ({"mode": "status:503", "retry_after": 9}, 503, "9"),
        ({"mode": "status:429"}, 429, "1"),
        ({"mode": "status:429", "retry_after": 0}, 429, "0"),
        ({"mode": "status:429", "retry_after": 90, "dated": True}, 429, "Wed, 18 Mar 2026 09:31:30 GMT"),
        ({"mode": "status:404"}, 404, None),
    ],
)
async def test_status(client: httpx2.AsyncClient, fault: dict[str, Any], status: int, retry_after: str | None) -> None:
    await given(client, **fault)

    answer = await client.get(PATH)

    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after)
    assert answer.json() == {"error": fault["mode"]}


@pytest.mark.parametrize(
    ("body", "served"),
    [({"days": []}, {"days": []}), ([1.50], [1.5]), ("not json", None), (None, None)],
)
async def test_replace_serves_any_document(client: httpx2.AsyncClient, body: Any, served: Any) -> None:
    await given(client, mode="replace", body=body)

    answer = await client.get(PATH)

    if isinstance(body, str):
        assert answer.text == body
    else:
        assert answer.json() == served
    again = await client.get(PATH, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_fault_meets_only_its_paths_and_only_so_often(client: httpx2.AsyncClient) -> None:
    await given(client, mode="status:503", path="/mensa-*/12.json", count=2)

    async def statuses(path: str) -> list[int]:
        return [(await client.get(path)).status_code for _ in range(3)]

    assert await statuses(PATH) == [200, 200, 200]
    assert await statuses("/mensa-uhrturm-marlstadt/2026/12.json") == [503, 503, 200]


async def test_a_fault_may_let_the_first_requests_pass(client: httpx2.AsyncClient) -> None:
    await given(client, mode="status:503", after=2, count=1)

    assert [(await client.get(PATH)).status_code for _ in range(4)] == [200, 200, 503, 200]


async def test_the_fault_set_last_acts_first_and_delete_clears_all(client: httpx2.AsyncClient) -> None:
    await given(client, mode="status:500")
    await given(client, mode="status:503", count=1)

    seen = [(await client.get(PATH)).status_code for _ in range(2)]
    told = (await client.delete("/_simulator/fault")).json()
    seen.append((await client.get(PATH)).status_code)

    assert seen == [503, 500, 200]
    assert told["faults"] == []


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_documented(mode: str) -> None:
    assert f"| `{mode}" in DOCUMENTED
