"""deploy/nginx.conf under a real nginx: it keeps what it may keep, and nothing else."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from gateway.delivery.compression import Compression
from gateway.delivery.headers import Delivery
from gateway.delivery.hints import CachePolicy
from sync.simulators.server import running

CONF = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
JSON = "application/json"
MISS = b'{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}'
WRAPPER = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/larder.conf;
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx-light)")


class Origin:
    """Answers by document id with the gateway's headers. ``asked``: what reached it, as (method, query string)."""

    def __init__(self) -> None:
        self.delivery = Delivery(Compression(("br", "gzip")))
        self.policies = {"page": CachePolicy(60), "mine": CachePolicy(60, private=True), "live": CachePolicy(0)}
        self.bodies: dict[str, bytes] = {name: b'{"data":"%b"}' % (name.encode() * 1000) for name in self.policies}
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        query = scope["query_string"].decode()
        self.asked.append((scope["method"], query))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        name = parse_qs(query).get("documentId", [""])[0]
        encoding = self.delivery.compression.choice(headers.get("accept-encoding", ""))
        if name in self.policies:
            policy = self.policies[name]
            kept = self.delivery.representations(self.bodies[name], policy, ["larder_item"])
            shown = await kept.made(JSON, encoding)
            found = self.delivery.to_get(shown, policy, headers.get("if-none-match", ""))
            if scope["method"] == "POST":
                found = self.delivery.to_post(shown)
            status, said, body = found.status, list(found.headers), found.body
        elif name == "missed":
            status, said, body = 200, [(b"cache-control", b"private, no-cache, must-revalidate")], MISS
        else:
            refused = await self.delivery.once(400, b'{"errors":[]}', JSON, "")
            status, said, body = refused.status, list(refused.headers), refused.body
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def nginx(origin_url: str, folder: Path) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = CONF.read_text()
    for there, here in (
        ("127.0.0.1:8000", origin_url.removeprefix("http://")),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("/var/cache/nginx/larder", f"{folder}/cache"),
    ):
        assert there in conf
        conf = conf.replace(there, here)
    (folder / "larder.conf").write_text(conf)
    (folder / "nginx.conf").write_text(WRAPPER.format(folder=folder, user="user root;" if os.getuid() == 0 else ""))
    process = await asyncio.create_subprocess_exec(
        str(NGINX), "-p", folder, "-c", folder / "nginx.conf", stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(20):
            while not await listens(port):
                assert process.returncode is None, (await process.communicate())[1].decode()
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.fixture
def origin() -> Origin:
    return Origin()


@pytest.fixture
async def client(origin: Origin, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        running(origin) as url,
        nginx(url, tmp_path) as front,
        httpx2.AsyncClient(base_url=front, headers={"accept": JSON, "accept-encoding": "identity"}) as found,
    ):
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


@pytest.mark.parametrize("name", ["mine", "live", "missed", "broken"])
async def test_private_uncacheable_and_failed_answers_are_never_kept(
    client: httpx2.AsyncClient, origin: Origin, name: str
) -> None:
    outcomes = [await asked(client, name) for _ in range(3)]

    assert [cache for _, cache, _ in outcomes] == ["MISS"] * 3
    assert len(origin.asked) == 3


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

    assert [method for method, _ in origin.asked] == ["POST", "POST"]


async def test_many_who_ask_at_once_wait_for_one_answer(client: httpx2.AsyncClient, origin: Origin) -> None:
    outcomes = await asyncio.gather(*(asked(client, "page") for _ in range(20)))

    assert {body for _, _, body in outcomes} == {origin.bodies["page"]}
    assert len(origin.asked) == 1


async def test_a_body_above_the_limit_ends_at_nginx(client: httpx2.AsyncClient, origin: Origin) -> None:
    answer = await client.post("/graphql", content=b"x" * (1024 * 1024 + 1))

    assert answer.status_code == 413
    assert origin.asked == []
