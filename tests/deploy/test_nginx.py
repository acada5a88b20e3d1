"""deploy/nginx.conf under a real nginx: it keeps what it may, hides what is not public, asks another gateway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from gateway.delivery.compression import Compression
from gateway.delivery.headers import Delivery
from gateway.delivery.hints import CachePolicy
from sync.simulators.http import ABORT
from sync.simulators.server import running
from tests.acceptance.processes import free_port
from tests.deploy.proxies import Front, needs_nginx, nginx

JSON = "application/json"
MISS = b'{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}'
MADE_AT = "Sat, 21 Nov 2026 10:00:00 GMT"

pytestmark = needs_nginx


class Reached(NamedTuple):
    """A request that came through."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Origin:
    """Answers by document id with the gateway's headers. ``asked``: what reached it.

    company: how many requests have to be there before any is answered.
    """

    def __init__(self) -> None:
        self.delivery = Delivery(Compression(("br", "gzip")))
        self.policies = {
            "page": CachePolicy(60),
            "mine": CachePolicy(60, private=True),
            "live": CachePolicy(0),
            "old": CachePolicy(60),
            "brief": CachePolicy(1),
        }
        self.bodies: dict[str, bytes] = {name: b'{"data":"%b"}' % (name.encode() * 1000) for name in self.policies}
        self.asked: list[Reached] = []
        self.company = asyncio.Barrier(1)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.asked.append(Reached(scope["method"], scope["path"], headers, body))
        await self.company.wait()
        status, said, content = await self.answer(scope["method"], scope["query_string"].decode(), headers)
        said = [(b"date", MADE_AT.encode()), (b"x-request-id", headers["x-request-id"].encode()), *said]
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": content})

    async def answer(self, method: str, query: str, headers: dict[str, str]) -> tuple[int, list[Any], bytes]:
        name = parse_qs(query).get("documentId", [""])[0]
        encoding = self.delivery.compression.choice(headers.get("accept-encoding", ""))
        if name in self.policies:
            policy = self.policies[name]
            shown = await self.delivery.representations(self.bodies[name], policy, ["larder_item"]).made(JSON, encoding)
            age = 5 if name == "old" else 0
            known = headers.get("if-none-match", "")
            found = self.delivery.to_get(shown, policy, known, age_seconds=age)
            if method == "POST":
                found = self.delivery.to_post(shown)
            return found.status, list(found.headers), found.body
        if name == "missed":
            return 200, [(b"cache-control", b"private, no-cache, must-revalidate")], MISS
        refused = await self.delivery.once(400, b'{"errors":[]}', JSON, "")
        return refused.status, list(refused.headers), refused.body


async def dying(scope: Any, receive: Any, _send: Any) -> None:
    """A gateway that is killed when it has read a request."""
    await receive()
    scope["extensions"][ABORT]()


def host(url: str) -> str:
    return urlsplit(url).netloc


@pytest.fixture
def origin() -> Origin:
    return Origin()


@asynccontextmanager
async def browsing(front: Front) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"accept": JSON, "accept-encoding": "identity"}
    async with httpx2.AsyncClient(base_url=front.url, headers=headers, verify=front.trust, timeout=30) as client:
        yield client


@pytest.fixture
async def client(origin: Origin, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with running(origin) as url, nginx([host(url)], tmp_path) as front, browsing(front) as found:
        yield found


async def asked(client: httpx2.AsyncClient, name: str, **headers: str) -> tuple[int, str, bytes]:
    """(status, what the cache did, body)."""
    answer = await client.get("/graphql", params={"documentId": name}, headers=headers)
    return answer.status_code, answer.headers["x-cache"], answer.content


async def test_a_public_answer_reaches_the_gateway_once(client: httpx2.AsyncClient, origin: Origin) -> None:
    first = await asked(client, "page")
    second = await asked(client, "page", authorization="Bearer anybody")

    assert first == (200, "MISS", origin.bodies["page"])
    assert second == (200, "HIT", origin.bodies["page"])
    assert len(origin.asked) == 1


async def test_every_encoding_is_kept_by_itself(client: httpx2.AsyncClient, origin: Origin) -> None:
    outcomes = [
        await asked(client, "page", **{"accept-encoding": encoding}) for encoding in ("gzip", "br", "gzip", "identity")
    ]

    assert [cache for _, cache, _ in outcomes] == ["MISS", "MISS", "HIT", "MISS"]
    assert {body for _, _, body in outcomes} == {origin.bodies["page"]}


async def test_a_client_that_has_the_answer_gets_304_from_the_cache(client: httpx2.AsyncClient, origin: Origin) -> None:
    etag = (await client.get("/graphql", params={"documentId": "page"})).headers["etag"]
    again = await client.get("/graphql", params={"documentId": "page"}, headers={"if-none-match": f'"x", {etag}'})

    assert (again.status_code, again.headers["x-cache"], again.headers["etag"]) == (304, "HIT", etag)
    assert len(origin.asked) == 1


async def test_what_is_not_kept_comes_in_full(client: httpx2.AsyncClient, origin: Origin) -> None:
    etag = (await client.get("/graphql", params={"documentId": "mine"})).headers["etag"]
    again = await client.get("/graphql", params={"documentId": "mine"}, headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (200, origin.bodies["mine"])


@pytest.mark.parametrize("name", ["mine", "live", "missed", "broken", "old"])
async def test_private_uncacheable_failed_and_outdated_answers_are_never_kept(
    client: httpx2.AsyncClient, origin: Origin, name: str
) -> None:
    outcomes = [await asked(client, name) for _ in range(3)]

    assert [cache for _, cache, _ in outcomes] == ["MISS"] * 3
    assert len(origin.asked) == 3


@pytest.mark.parametrize("name", ["larder-min-version", "larder-developer-key"])
async def test_whoever_wants_more_than_the_public_answer_reaches_the_gateway(
    client: httpx2.AsyncClient, origin: Origin, name: str
) -> None:
    await asked(client, "page", **{name: "7"})
    kept = [await asked(client, "page") for _ in range(2)]
    asking = await asked(client, "page", **{name: "7"})

    assert [cache for _, cache, _ in (*kept, asking)] == ["MISS", "HIT", "BYPASS"]
    assert [name in reached.headers for reached in origin.asked] == [True, False, True]


async def test_an_answer_out_of_the_cache_tells_when_it_was_made(client: httpx2.AsyncClient, origin: Origin) -> None:
    """Without that, a browser would keep it for the whole max-age once more."""
    await asked(client, "page")
    again = await client.get("/graphql", params={"documentId": "page"})

    assert (again.headers["x-cache"], again.headers["date"]) == ("HIT", MADE_AT)


async def test_what_ran_out_is_told_with_its_new_age(client: httpx2.AsyncClient, origin: Origin) -> None:
    first = await client.get("/graphql", params={"documentId": "brief"})
    origin.policies["brief"] = CachePolicy(7)
    later = first
    deadline = time.monotonic() + 20
    while later is first or later.headers["x-cache"] == "HIT":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
        later = await client.get("/graphql", params={"documentId": "brief"})

    assert first.headers["cache-control"] == "max-age=1, public"
    assert (later.headers["x-cache"], later.headers["cache-control"]) == ("EXPIRED", "max-age=7, public")
    assert [reached.headers.get("if-none-match") for reached in origin.asked] == [None, None]


async def test_an_id_that_becomes_known_is_served_at_once(client: httpx2.AsyncClient, origin: Origin) -> None:
    missed = await asked(client, "missed")
    origin.policies["missed"], origin.bodies["missed"] = CachePolicy(60), b'{"data":1}'
    found = [await asked(client, "missed") for _ in range(2)]

    assert missed[2] == MISS
    assert found == [(200, "MISS", b'{"data":1}'), (200, "HIT", b'{"data":1}')]


async def test_posts_go_through(client: httpx2.AsyncClient, origin: Origin) -> None:
    for _ in range(2):
        answer = await client.post("/graphql?documentId=page", json={})
        assert answer.headers["cache-control"] == "no-store"

    assert [reached.method for reached in origin.asked] == ["POST", "POST"]


async def test_many_who_ask_for_what_is_not_kept_do_not_wait_for_each_other(
    client: httpx2.AsyncClient, origin: Origin
) -> None:
    origin.company = asyncio.Barrier(20)

    # Who waits for a lock of nginx's waits for five seconds.
    async with asyncio.timeout(4):
        outcomes = await asyncio.gather(*(asked(client, "live") for _ in range(20)))

    assert {body for _, _, body in outcomes} == {origin.bodies["live"]}


async def test_every_answer_has_the_id_of_its_own_request(client: httpx2.AsyncClient, origin: Origin) -> None:
    given = [
        await client.get("/graphql", params={"documentId": "page"}, headers={"x-request-id": sent})
        for sent in ("mine-1", "mine-2", "not {well} formed")
    ]

    first, second, made = (answer.headers.get_list("x-request-id") for answer in given)
    assert (first, second) == (["mine-1"], ["mine-2"])
    assert len(made[0]) == 32
    assert origin.asked[0].headers["x-request-id"] == "mine-1"


async def test_the_gateway_learns_who_asks_and_how(client: httpx2.AsyncClient, origin: Origin) -> None:
    await client.get("/graphql", headers={"x-forwarded-for": "203.0.113.7"})

    told = origin.asked[0].headers
    assert told["x-forwarded-for"] == "203.0.113.7, 127.0.0.1"
    assert (told["x-forwarded-proto"], told["host"]) == ("https", host(str(client.base_url)))


async def test_a_query_as_long_as_the_gateway_reads_comes_through(client: httpx2.AsyncClient, origin: Origin) -> None:
    answer = await client.get("/graphql", params={"documentId": "live", "variables": "x" * 40_000})

    assert answer.status_code == 200


async def test_a_body_above_the_limit_ends_at_nginx(client: httpx2.AsyncClient, origin: Origin) -> None:
    answer = await client.post("/graphql", content=b"x" * (1024 * 1024 + 1))

    assert (answer.status_code, code(answer)) == (413, "REQUEST_TOO_LARGE")
    assert origin.asked == []


async def test_a_delivery_comes_through_byte_by_byte_and_is_not_kept(
    client: httpx2.AsyncClient, origin: Origin
) -> None:
    body = b'{ "a" :\r\n\t1 }\x00\xff' + b" " * 200_000
    for _ in range(2):
        await client.post("/webhooks/corner/a%20b?documentId=page", content=body, headers={"x-signature": "s=1"})

    assert [reached.body for reached in origin.asked] == [body, body]
    assert origin.asked[0].headers["x-signature"] == "s=1"


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/health/../metrics"])
async def test_metrics_are_not_public(client: httpx2.AsyncClient, origin: Origin, path: str) -> None:
    answer = await client.get(f"https://{host(str(client.base_url))}{path}")

    assert answer.status_code == 404
    assert origin.asked == []


@pytest.mark.parametrize("path", ["/graphql", "/webhooks/corner"])
async def test_another_gateway_is_asked_where_one_dies(origin: Origin, tmp_path: Path, path: str) -> None:
    async with (
        running(dying) as dead,
        running(origin) as alive,
        nginx([host(dead), host(alive)], tmp_path) as front,
        browsing(front) as client,
    ):
        answers = [await client.post(f"{path}?documentId=page", content=b"{}") for _ in range(6)]

        assert [answer.status_code for answer in answers] == [200] * 6
        assert len(origin.asked) == 6


async def test_a_form_of_the_admin_is_never_sent_twice(origin: Origin, tmp_path: Path) -> None:
    async with running(dying) as dead, nginx([host(dead)], tmp_path) as front, browsing(front) as client:
        answer = await client.post("/admin/", data={"name": "x"})

    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (503, "OVERLOADED", "1")


async def test_without_any_gateway_clients_are_told_so_in_json(tmp_path: Path) -> None:
    async with nginx([f"127.0.0.1:{free_port()}"], tmp_path) as front, browsing(front) as client:
        answer = await client.post("/graphql", json={"query": "{ __typename }"})

    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (503, "OVERLOADED", "1")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (JSON, "no-store")


async def test_a_gateway_that_is_back_is_asked_at_once_where_there_is_no_other(origin: Origin, tmp_path: Path) -> None:
    port = free_port()
    async with nginx([f"127.0.0.1:{free_port()}", f"127.0.0.1:{port}"], tmp_path) as front, browsing(front) as client:
        while_away = [(await client.get("/graphql?documentId=live")).status_code for _ in range(9)]
        async with running(origin, port=port):
            back = [(await client.get("/graphql?documentId=live")).status_code for _ in range(9)]

    assert while_away == [503] * 9
    assert back == [200] * 9


async def test_what_is_logged_has_no_variables(client: httpx2.AsyncClient, tmp_path: Path) -> None:
    await client.get("/graphql", params={"documentId": "page", "variables": "hidden"})

    deadline = time.monotonic() + 20
    while not (line := (tmp_path / "access.log").read_text()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert '"path":"/graphql","status":200' in line
    assert "hidden" not in line


async def test_plain_http_leads_to_https(origin: Origin, tmp_path: Path) -> None:
    async with running(origin) as url, nginx([host(url)], tmp_path) as front, httpx2.AsyncClient() as client:
        answer = await client.get(f"{front.plain_url}/graphql?documentId=page")
        probed = await client.get(f"{front.plain_url}/health/proxy")

    assert (answer.status_code, answer.headers["location"]) == (308, "https://127.0.0.1/graphql?documentId=page")
    assert probed.status_code == 204
    assert origin.asked == []


def code(answer: httpx2.Response) -> str:
    [error] = answer.json()["errors"]
    found: str = error["extensions"]["code"]
    return found
