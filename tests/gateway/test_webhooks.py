"""Webhooks over HTTP: exact requests to the whole application, over a real store."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import random
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from gateway.configured.observing import ObservingSettings
from gateway.endpoint.webhooks import REFUSED, Webhooks
from gateway.errors import ConfigError
from gateway.observing.observer import Observer
from sync import sources
from sync.sources import KINDS
from sync.webhooks.doors import Door
from sync.webhooks.notices import Delivered, Forged, Notice, Outdated, Unreadable
from sync.webhooks.writing import InboxWriter
from tests.registered import serving
from tests.sync.larder import Larder

SECRET = b"the corner's secret"
SOURCES = """
[sources.corner]
kind = "told"
url = "http://127.0.0.1:1"
webhook = %s

[sources.quiet]
kind = "told"
url = "http://127.0.0.1:1"
"""
ROWS = "SELECT event_id, stream, body FROM larder_sync_delivery ORDER BY event_id"
TABLE = '{ secret_env = "CORNER_SECRET" }'
ASKED = "http://localhost/webhooks/corner"


@pytest.fixture
def larder(store: str) -> Larder:
    return Larder(store)


@dataclass
class ToldWebhook:
    """Signs address, path and body; a list of [event id, stream, body or null]."""

    acknowledged: int

    def notices(self, delivered: Delivered, secret: bytes) -> Sequence[Notice]:
        given = delivered.headers.get("x-signature", "").encode()
        if not hmac.compare_digest(given, signature(delivered.body, delivered.url + delivered.path, secret).encode()):
            raise Forged("x-signature must be the delivery's")
        if delivered.path == "/old":
            raise Outdated("x-signature must be of today")
        if delivered.path == "/broken":
            raise ZeroDivisionError(secret)
        try:
            events = json.loads(delivered.body)
        except ValueError as exc:
            raise Unreadable("the body must be JSON", delivered.body[:10]) from exc
        return [Notice(event_id, stream, body and body.encode()) for event_id, stream, body in events]


def signature(body: bytes, address: str = ASKED, secret: bytes = SECRET) -> str:
    return hmac.new(secret, address.encode() + body, hashlib.sha256).hexdigest()


@asynccontextmanager
async def taking(
    monkeypatch: pytest.MonkeyPatch, folder: Path, acknowledged: int = 204, table: str = TABLE, **settings: str
) -> AsyncIterator[httpx2.AsyncClient]:
    """A gateway that takes webhooks of ``corner``."""
    told = replace(KINDS["eat_api"], webhook=ToldWebhook(acknowledged))
    monkeypatch.setattr(sources, "KINDS", {**KINDS, "told": told})
    monkeypatch.setattr("sync.webhooks.doors.KINDS", {"told": told})
    monkeypatch.setenv("CORNER_SECRET", SECRET.decode())
    declared = folder / "sources.toml"
    declared.write_text(SOURCES % table)
    async with serving(monkeypatch, None, SOURCES=str(declared), **settings) as client:
        yield client


async def deliver(
    client: httpx2.AsyncClient, events: Any, path: str = "", address: str = ASKED, secret: bytes = SECRET
) -> httpx2.Response:
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    headers = {"x-signature": signature(body, address + path, secret)}
    return await client.post(f"/webhooks/corner{path}", content=body, headers=headers)


def refusal(response: httpx2.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


def jobs(larder: Larder) -> list[str]:
    return [lock for (lock,) in larder.rows("SELECT lock FROM procrastinate_jobs ORDER BY lock")]


async def test_a_delivery_is_kept_and_queues_a_run(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with taking(monkeypatch, tmp_path) as client:
        taken = await deliver(client, [["e1", "menu", None], ["e2", "stock", "sold out"]])

    assert (taken.status_code, taken.content) == (204, b"")
    assert larder.rows(ROWS) == [("e1", "menu", None), ("e2", "stock", b"sold out")]
    assert jobs(larder) == ["corner/menu", "corner/stock"]


async def test_the_status_is_what_the_supplier_expects(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with taking(monkeypatch, tmp_path, acknowledged=200) as client:
        taken = await deliver(client, [["e1", "menu", None]], "/v1/merchantUpdate")
        nothing = await deliver(client, [])

    assert (taken.status_code, taken.json()) == (200, {"events": 1})
    assert (nothing.status_code, nothing.json()) == (200, {"events": 0})
    assert taken.headers["cache-control"] == "no-store"
    assert larder.rows(ROWS) == [("e1", "menu", None)]


async def test_fifty_deliveries_of_one_event_among_others_have_one_effect(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deliveries = [[["again", "menu", "x"]]] * 50 + [[[f"e{number}", "menu", None]] for number in range(50)]
    random.Random(1).shuffle(deliveries)  # noqa: S311 - an order, no secret

    async with taking(monkeypatch, tmp_path) as client:
        answers = await asyncio.gather(*(deliver(client, events) for events in deliveries))

    assert {answer.status_code for answer in answers} == {204}
    assert larder.value("SELECT count(*) FROM larder_sync_delivery") == 51
    assert larder.value("SELECT count(*) FROM larder_sync_delivery WHERE event_id = 'again'") == 1
    assert jobs(larder) == ["corner/menu"]


async def test_an_event_that_concerns_two_streams_runs_both(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with taking(monkeypatch, tmp_path) as client:
        for _ in range(2):
            await deliver(client, [["e1", "menu", "x"], ["e1", "stock", "y"]])

    assert larder.rows(ROWS) == [("e1/menu", "menu", b"x"), ("e1/stock", "stock", b"y")]
    assert jobs(larder) == ["corner/menu", "corner/stock"]


async def test_a_forged_delivery_leaves_nothing(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps([["e1", "menu", None]]).encode()
    async with taking(monkeypatch, tmp_path) as client:
        refused = [
            await deliver(client, body, secret=b"another"),
            await deliver(client, body, address="http://elsewhere/webhooks/corner"),
            await client.post("/webhooks/corner", content=body),
            await client.post("/webhooks/corner", content=body + b" ", headers={"x-signature": signature(body)}),
            await client.post("/webhooks/corner", headers={b"x-signature": b"\xff"}),
        ]

    assert [refusal(response) for response in refused] == [(401, "WEBHOOK_FORGED")] * 5
    assert larder.rows(ROWS) == []
    assert jobs(larder) == []
    assert SECRET.decode() not in refused[0].text + capsys.readouterr().out


async def test_what_cannot_be_read_is_refused(larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with taking(monkeypatch, tmp_path) as client:
        no_json = await deliver(client, b"<xml/>")
        no_stream = await deliver(client, [["e1", "menu", None], ["e2", "prices", None]])

    assert refusal(no_json) == (400, "WEBHOOK_UNREADABLE")
    assert no_json.json()["errors"][0]["message"] == "the body must be JSON: b'<xml/>'"
    assert refusal(no_stream) == (400, "WEBHOOK_UNREADABLE")
    assert no_stream.json()["errors"][0]["message"] == "an event must concern one of menu, stock: prices"
    assert larder.rows(ROWS) == []


async def test_only_sources_that_declare_a_webhook_take_any(
    store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with taking(monkeypatch, tmp_path) as client:
        unknown = [
            await client.post(f"/webhooks/{name}") for name in ("nobody", "quiet", "", "nobody/corner", "CORNER")
        ]
        read = await client.get("/webhooks/corner")

    assert [refusal(response) for response in unknown] == [(404, "WEBHOOK_UNKNOWN")] * 5
    assert refusal(read) == (405, "METHOD_NOT_ALLOWED")
    assert read.headers["allow"] == "POST"


async def test_without_sources_that_take_webhooks_there_is_nobody_to_deliver_to(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(monkeypatch) as client:
        assert refusal(await client.post("/webhooks/canteens")) == (404, "WEBHOOK_UNKNOWN")


async def test_a_body_above_the_limit_is_refused(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 512):
            yield b" " * 512

    fits = json.dumps([["e1", "menu", "x"]]).encode().ljust(2048)
    async with taking(monkeypatch, tmp_path, WEBHOOK_MAX_BYTES="2048") as client:
        taken = await deliver(client, fits)
        told = await deliver(client, fits + b" ")
        untold = await client.post("/webhooks/corner", content=chunks(4096))

    assert taken.status_code == 204
    assert refusal(told) == refusal(untold) == (413, "REQUEST_TOO_LARGE")
    assert larder.rows(ROWS) == [("e1", "menu", b"x")]


async def test_the_address_that_the_supplier_was_given_is_the_one_it_signs(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    public = "https://menus.example.org/webhooks/corner"
    async with taking(monkeypatch, tmp_path, table=f'{{ secret_env = "CORNER_SECRET", url = "{public}" }}') as client:
        taken = await deliver(client, [["e1", "menu", None]], "/sub/path", address=public)
        refused = await deliver(client, [["e2", "menu", None]])

    assert taken.status_code == 204
    assert refusal(refused) == (401, "WEBHOOK_FORGED")


async def test_too_many_that_wait_are_refused_and_may_come_again(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with taking(monkeypatch, tmp_path, WEBHOOK_BACKLOG="5") as client:
        with psycopg.connect(larder.url) as blocking:
            blocking.execute("LOCK TABLE larder_sync_delivery")
            first = asyncio.create_task(deliver(client, [["first", "menu", None]]))
            await committing(larder)
            waiting = [asyncio.create_task(deliver(client, [[f"e{number}", "menu", None]])) for number in range(20)]
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=5)
            refused = done.pop().result()
            await asyncio.sleep(0.2)
        answers = await asyncio.gather(first, *waiting)

    assert refusal(refused) == (503, "WEBHOOK_BACKLOG")
    assert refused.headers["retry-after"] == "1"
    assert sorted(answer.status_code for answer in answers) == [204] * 6 + [503] * 15
    assert larder.value("SELECT count(*) FROM larder_sync_delivery") == 6


async def committing(larder: Larder) -> None:
    """Wait until the writer is at the lock."""
    statement = """SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'larder webhooks' AND wait_event_type = 'Lock'"""
    async with asyncio.timeout(10):
        while not larder.value(statement):  # noqa: ASYNC110 - looks at another process
            await asyncio.sleep(0.02)


async def test_while_the_store_is_away_nothing_is_acknowledged(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away = "postgresql://127.0.0.1:1/nothing"
    async with taking(monkeypatch, tmp_path, DATABASE_DIRECT_URL=away, REGISTRY="off") as client:
        refused = await deliver(client, [["e1", "menu", None]])
        forged = await deliver(client, [["e1", "menu", None]], secret=b"another")

    assert refusal(refused) == (503, "STORE_UNAVAILABLE")
    assert refused.headers["retry-after"] == "1"
    assert refusal(forged) == (401, "WEBHOOK_FORGED")


async def test_a_bug_in_a_kind_is_masked(store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with taking(monkeypatch, tmp_path) as client:
        failed = await deliver(client, [], "/broken")

    assert refusal(failed) == (500, "INTERNAL_ERROR")
    assert SECRET.decode() not in failed.text


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('{ url = "https://h/w" }', "sources.corner.webhook must have secret_env or secret_file"),
        ('{ secret_env = "CORNER_SECRET", url = "h" }', "sources.corner.webhook.url must be a URL"),
        (
            '{ secret_env = "CORNER_SECRET", key = 1 }',
            "sources.corner.webhook may hold only secret_env, secret_file, url",
        ),
        ('{ secret_env = "NO_SUCH_VARIABLE" }', "NO_SUCH_VARIABLE"),
    ],
)
async def test_a_webhook_that_is_declared_wrongly_stops_the_start(
    store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, table: str, reason: str
) -> None:
    with pytest.raises(ConfigError, match=r"LARDER_SOURCES: ") as refused:
        async with taking(monkeypatch, tmp_path, table=table):
            pass

    assert reason in str(refused.value)
    assert SECRET.decode() not in str(refused.value)


async def test_a_kind_without_webhooks_has_no_secret(
    store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    declared = tmp_path / "sources.toml"
    declared.write_text('[sources.a]\nkind = "eat_api"\nurl = "http://h"\nwebhook = { secret_env = "A" }')

    with pytest.raises(ConfigError, match=r"sources\.a\.webhook must be left out: eat_api has no webhooks"):
        async with serving(monkeypatch, SOURCES=str(declared)):
            pass


async def observed(
    larder: Larder, folder: Path, requests: Sequence[Any], **inbox: Any
) -> tuple[Observer, list[dict[str, Any]], list[httpx2.Response]]:
    """What is told of requests, each (path, body, headers), one after another."""
    door = Door("corner", ToldWebhook(204), frozenset({"menu"}), SECRET)
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT)
    observer = Observer(ObservingSettings(log_format="json", server_timing=False), descriptor=log)
    writer = InboxWriter(larder.url, **inbox)
    await writer.open()
    served: Any = Webhooks({"corner": door}, writer, 2048, observer)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=served), base_url="http://localhost") as client:
        answers = [
            await client.request(method, path, content=content, headers=headers)
            for method, path, content, headers in requests
        ]
    await writer.close()
    await observer.close()
    os.close(log)
    return observer, [json.loads(line) for line in (folder / "log").read_text().splitlines()], answers


def signed(events: Any) -> tuple[bytes, dict[str, str]]:
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    return body, {"x-signature": signature(body)}


async def test_each_delivery_is_counted_by_what_became_of_it_and_has_a_line_in_the_log(
    larder: Larder, tmp_path: Path
) -> None:
    one, path = [["e1", "menu", None]], "/webhooks/corner"
    body, headers = signed(one)
    requests = [
        ("POST", path, body, {**headers, "x-request-id": "from-the-supplier"}),
        ("POST", path, body, headers),
        ("POST", path, *signed([])),
        ("POST", path, body, {}),
        ("POST", path, *signed(b"<xml/>")),
        ("POST", path, b" " * 2049, {}),
        ("GET", path, b"", {}),
        ("POST", "/webhooks/nobody", body, headers),
        ("POST", "/webhooks/corner/old", b"", {"x-signature": signature(b"", f"{ASKED}/old")}),
        ("POST", "/webhooks/corner/broken", b"", {"x-signature": signature(b"", f"{ASKED}/broken")}),
    ]

    observer, lines, answers = await observed(larder, tmp_path, requests)

    assert observer.deliveries.outcomes == {
        ("corner", "accepted"): 1,
        ("corner", "duplicate"): 1,
        ("corner", "empty"): 1,
        ("corner", "forged"): 1,
        ("corner", "unreadable"): 1,
        ("corner", "too_large"): 1,
        ("corner", "wrong_method"): 1,
        ("", "unknown_source"): 1,
        ("corner", "too_old"): 1,
        ("corner", "failed"): 1,
    }
    assert observer.requests.totals == {}
    assert observer.requests.codes["WEBHOOK_FORGED"] == 2
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        (method, path, answer.status_code) for (method, path, *_), answer in zip(requests, answers, strict=True)
    ]
    assert [line["request_id"] for line in lines] == [answer.headers["x-request-id"] for answer in answers]
    assert lines[0]["request_id"] == "from-the-supplier"
    assert [line["bytes"] for line in lines] == [len(answer.content) for answer in answers]
    assert lines[3]["codes"] == ["WEBHOOK_FORGED"]
    assert answers[-1].json()["errors"][0]["extensions"]["correlationId"] == lines[-1]["request_id"]


@pytest.mark.parametrize(
    ("inbox", "outcome"),
    [({"capacity": 0}, "backlog_full"), ({"conninfo": "postgresql://127.0.0.1:1/n"}, "store_away")],
)
async def test_what_the_inbox_does_not_take_is_counted(
    larder: Larder, tmp_path: Path, inbox: dict[str, Any], outcome: str
) -> None:
    url = Larder(inbox.pop("conninfo", larder.url))
    requests = [("POST", "/webhooks/corner", *signed([["e1", "menu", None]]))]

    observer, lines, _ = await observed(url, tmp_path, requests, **inbox)

    assert observer.deliveries.outcomes == {("corner", outcome): 1}
    assert [line["status"] for line in lines] == [503]


async def test_a_supplier_that_hangs_up_is_counted_and_answered_nothing() -> None:
    observer = Observer(ObservingSettings(log_format="json", access_log="off", server_timing=False))
    door = Door("corner", ToldWebhook(204), frozenset({"menu"}), SECRET)
    sent: list[Any] = []

    async def hang_up() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/webhooks/corner", "headers": []}
    await Webhooks({"corner": door}, InboxWriter("nowhere"), 2048, observer)(scope, hang_up, send)

    assert (sent, observer.deliveries.outcomes) == ([], {("corner", "gone"): 1})


def test_every_refusal_that_is_documented_has_an_outcome() -> None:
    page = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()
    told = set(re.findall(r"`(\w+)`", re.findall(r"\*\*Deliveries\*\*.*?(?:\n- |\n\n)", page, re.DOTALL)[0]))

    assert {*REFUSED.values(), "accepted", "duplicate", "empty", "too_old"} <= told
