"""nginx by deploy/nginx.conf in front of two real gateways: what browsers get, and what is lost when a gateway goes."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]  # has none
import httpx2
import orjson
import pytest
from asgiref.sync import sync_to_async

from tests.acceptance.processes import free_port, running
from tests.deploy.proxies import Front, needs_nginx, nginx
from tests.pantry import Pantry

LISTING = "{ locations(first: 40) { nodes { id slug name timezone currency } } }"
MODULES = [*Path("/usr/lib/nginx/modules").glob("ngx_http_brotli_filter_module.so")]
CLIENTS = 8
ASKED_BETWEEN = 400
"""Answers between one thing that happens to a gateway and the next."""

CUT = "without sending complete message body"

pytestmark = [pytest.mark.slow, needs_nginx]


class Gateways:
    """Two of ``larder serve``, each on a port of its own."""

    def __init__(self, stack: ExitStack, database_url: str) -> None:
        self.stack = stack
        self.environment = {
            "LARDER_DATABASE_URL": database_url,
            "LARDER_TRUSTED_PROXIES": "127.0.0.1",
            "LARDER_DRAIN_SECONDS": "1",
            "LARDER_LANES": "2",
        }
        self.ports = [free_port(), free_port()]
        self.processes: dict[int, subprocess.Popen[bytes]] = {}

    async def start(self, *ports: int, **more: str) -> None:
        """Start those on ``ports`` and wait until they are ready."""
        self.environment |= more
        for port in ports:
            line = ["serve", "--port", str(port), "--log-level", "warning"]
            began = running(line, f"http://127.0.0.1:{port}/health/ready", **self.environment)
            self.processes[port] = await asyncio.to_thread(self.stack.enter_context, began)


@asynccontextmanager
async def edge(database_url: str, folder: Path, **settings: str) -> AsyncIterator[tuple[Front, Gateways]]:
    await sync_to_async(stocked)()
    with ExitStack() as stack:
        gateways = Gateways(stack, database_url)
        await gateways.start(*gateways.ports, **settings)
        addresses = [f"127.0.0.1:{port}" for port in gateways.ports]
        async with nginx(addresses, folder, MODULES) as front:
            yield front, gateways


def stocked() -> None:
    pantry = Pantry()
    for number in range(40):
        pantry.location(f"place-{number}")


async def curl(front: Front, path: str, *options: str) -> tuple[str, dict[str, str], bytes]:
    """(protocol and status, headers, body as it was sent)."""
    line = ["curl", "--silent", "--http2", "--cacert", str(front.certificate), "--dump-header", "-", *options]
    process = await asyncio.create_subprocess_exec(*line, f"{front.url}{path}", stdout=asyncio.subprocess.PIPE)
    head, _, body = (await process.communicate())[0].partition(b"\r\n\r\n")
    status, *lines = head.decode().splitlines()
    return status.strip(), {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}, body


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: it speaks HTTP/2")
async def test_what_browsers_get(store: str, tmp_path: Path) -> None:
    async with edge(store, tmp_path, LARDER_DEFAULT_MAX_AGE="60", LARDER_METRICS="on") as (front, gateways):
        path = f"/graphql?query={LISTING.replace(' ', '+').replace('{', '%7B').replace('}', '%7D')}"
        by_brotli = ("--header", "accept-encoding: br")

        status, headers, body = await curl(front, path, *by_brotli)
        again = await curl(front, path, *by_brotli)
        known = await curl(front, path, *by_brotli, "--header", f"if-none-match: {headers['etag']}")
        posted = await curl(
            front, "/graphql", "--json", orjson.dumps({"query": LISTING}).decode(), "--header", "accept: */*"
        )
        hidden = await curl(front, "/metrics")
        page = await curl(front, "/admin/login/", *by_brotli)
        async with httpx2.AsyncClient() as near:
            shown = await near.get(f"http://127.0.0.1:{gateways.ports[0]}/metrics")

    assert (status, headers["content-encoding"], headers["x-cache"]) == ("HTTP/2 200", "br", "MISS")
    assert headers["cache-control"] == "max-age=30, public"
    assert len(orjson.loads(brotli.decompress(body))["data"]["locations"]["nodes"]) == 40
    assert (again[1]["x-cache"], again[1]["etag"], again[2]) == ("HIT", headers["etag"], body)
    assert (known[0], known[2]) == ("HTTP/2 304", b"")
    assert (posted[0], posted[2]) == ("HTTP/2 200", brotli.decompress(body))
    assert (hidden[0], shown.status_code) == ("HTTP/2 404", 200)
    assert (page[0], page[1].get("content-encoding")) == ("HTTP/2 200", "br" if MODULES else None)


async def test_no_read_is_lost_when_a_gateway_is_killed_or_drained(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Without the cache every read is in a gateway for a while, so that some are when it goes; nobody is sent away.
    async with edge(store, tmp_path, LARDER_RESPONSE_CACHE="off", LARDER_ADMISSION="off") as (front, gateways):
        load = Load(front)
        async with load.asking():
            await load.more()
            gateways.processes[gateways.ports[0]].kill()
            await load.more()
            cut_by_the_kill = load.cut
            await gateways.start(gateways.ports[0])
            await load.more()
            gateways.processes[gateways.ports[1]].send_signal(signal.SIGTERM)
            drained = await asyncio.to_thread(gateways.processes[gateways.ports[1]].wait, 30)
            await load.more()
        lines = map(orjson.loads, (tmp_path / "access.log").read_bytes().splitlines())
        passed_on = sum("," in line["gateway_status"] for line in lines)

    with capsys.disabled():
        print(f"\n{load.outcomes.total()} reads, {passed_on} sent again, {load.lost} lost, {load.cut} cut short")  # noqa: T201 - the measurement
    assert load.outcomes.keys() <= {"GET 200", "POST 200", CUT}
    assert load.cut == cut_by_the_kill <= 2
    assert passed_on
    assert drained == 0


class Load:
    """Clients that read without a pause, by GET and by POST. ``outcomes``: what came of it; right answers are a 200."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.outcomes: Counter[str] = Counter()
        self._ended = False

    @property
    def cut(self) -> int:
        """Reads whose answer had begun when its gateway was killed: nobody can send them again."""
        return self.outcomes[CUT]

    @property
    def lost(self) -> int:
        """Other reads without the right answer."""
        return self.outcomes.total() - self.outcomes["GET 200"] - self.outcomes["POST 200"] - self.cut

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        clients = [asyncio.create_task(self._ask()) for _ in range(CLIENTS)]
        try:
            yield
        finally:
            self._ended = True
            await asyncio.gather(*clients)

    async def more(self) -> None:
        """Wait until so many more reads are over, right or not."""
        wanted = self.outcomes.total() + ASKED_BETWEEN
        async with asyncio.timeout(120):
            while self.outcomes.total() < wanted:  # noqa: ASYNC110 - waits for a number
                await asyncio.sleep(0.02)

    async def _ask(self) -> None:
        async with httpx2.AsyncClient(base_url=self.front.url, verify=self.front.trust, timeout=60) as client:
            while not self._ended:
                for method, sent in (("GET", {"params": {"query": LISTING}}), ("POST", {"json": {"query": LISTING}})):
                    self.outcomes[await outcome(client, method, sent)] += 1


async def outcome(client: httpx2.AsyncClient, method: str, sent: dict[str, Any]) -> str:
    """What came of a read: ``GET 200`` and ``POST 200`` stand for the right answer."""
    try:
        answer = await client.request(method, "/graphql", **sent)
    except httpx2.HTTPError as error:
        return CUT if CUT in str(error) else f"{method} {type(error).__name__}: {error}"
    right = answer.status_code == 200 and answer.content.count(b"place-") == 40
    return f"{method} 200" if right else f"{method} {answer.status_code} {answer.text[:200]}"
