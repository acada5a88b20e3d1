"""``/metrics`` as Prometheus reads it, of one worker and of several."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from gateway.endpoint.errors import RequestError
from gateway.observing.ages import QUESTIONS, Ages
from gateway.observing.families import BY_NAME
from gateway.observing.metrics import Metrics, anybody, loopback, whoever_has_scope
from gateway.observing.pauses import Pauses
from gateway.observing.process import read_process
from gateway.observing.readings import lanes as lanes_reading
from gateway.observing.requests import Requests
from gateway.observing.shared import SharedNumbers, new_folder
from gateway.observing.snapshots import Snapshot, take
from loaders.lanes import Lanes
from loaders.viewer import Viewer
from tests.gateway.observing.exchanges import answered

ROOT = Path(__file__).parents[3]
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def counted(*seconds: float, **known: Any) -> Requests:
    requests = Requests(10, 10)
    for one in seconds:
        requests.note(answered(**known), one)
    return requests


@asynccontextmanager
async def asking(metrics: Metrics, near: str = "127.0.0.1") -> AsyncIterator[httpx2.AsyncClient]:
    served: Any = metrics
    transport = httpx2.ASGITransport(app=served, client=(near, 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://larder") as client:
        yield client


async def numbers(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    async with asking(metrics) as client:
        text = (await client.get("/metrics")).text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def labels(**said: str) -> frozenset[tuple[str, str]]:
    return frozenset(said.items())


async def test_requests_are_told() -> None:
    metrics = Metrics(counted(0.00011, 0.003, 20.0, codes=("STORE_BUSY",)), [])

    told = await numbers(metrics)

    storefront = {"operation": "Storefront", "cache": "miss"}
    assert told["larder_requests_total", labels(status="200", executor="plan")] == 3
    assert told["larder_statements_total", labels(executor="plan")] == 21
    assert told["larder_response_bytes_total", labels()] == 3 * 30_511
    assert told["larder_errors_total", labels(code="STORE_BUSY")] == 3
    assert told["larder_request_seconds_count", labels(**storefront)] == 3
    assert told["larder_request_seconds_sum", labels(**storefront)] == pytest.approx(20.00311)
    for bound, count in {"0.0001": 0, "0.000125": 1, "0.0025": 1, "0.00315": 2, "10.0": 2, "+Inf": 3}.items():
        assert told["larder_request_seconds_bucket", labels(**storefront, le=bound)] == count
    assert told["larder_client_request_seconds_count", labels(client="web")] == 3


async def test_what_is_told_is_added_over_what_it_does_not_tell_apart() -> None:
    requests = counted(0.1, 0.2)
    requests.note(answered(client="app"), 0.3)
    requests.note(answered(status=500), 0.3)

    told = await numbers(Metrics(requests, []))

    assert told["larder_request_seconds_count", labels(operation="Storefront", cache="miss")] == 4
    assert told["larder_client_request_seconds_count", labels(client="web")] == 3


async def test_groups_are_told_by_their_size() -> None:
    told = await numbers(Metrics(Requests(1, 1), [], members={1: 5, 8: 2}))

    assert told["larder_plan_group_members_bucket", labels(le="1.0")] == 5
    assert told["larder_plan_group_members_bucket", labels(le="8.0")] == 7
    assert told["larder_plan_group_members_sum", labels()] == 21


@pytest.mark.parametrize(("accept", "parse"), [("", text_string_to_metric_families), (OPENMETRICS, openmetrics)])
async def test_both_formats_of_prometheus_are_spoken(accept: str, parse: Callable[[str], Any]) -> None:
    metrics = Metrics(counted(0.1, operation='quoted "name"\\'), [read_process, Pauses().read])

    async with asking(metrics) as client:
        response = await client.get("/metrics", headers={"accept": accept})

    assert response.headers["content-type"].startswith(accept.partition(";")[0] or "text/plain")
    assert response.headers["cache-control"] == "no-store"
    families = list(parse(response.text))
    assert 'quoted "name"\\' in {sample.labels.get("operation") for family in families for sample in family.samples}


async def test_other_methods_are_refused() -> None:
    async with asking(Metrics(Requests(1, 1), [])) as client:
        posted, asked = await client.post("/metrics"), await client.head("/metrics")

    assert (posted.status_code, posted.headers["allow"]) == (405, "GET, HEAD")
    assert (asked.status_code, asked.content) == (200, b"")


@pytest.mark.parametrize(
    ("near", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 403),
        ("127.0.0.1", {"forwarded": "for=1.1.1.1"}, 403),
        ("10.0.0.7", {}, 403),
        ("testclient", {}, 403),
    ],
)
async def test_loopback_is_this_machine_and_no_proxy_on_it(near: str, headers: dict[str, str], status: int) -> None:
    async with asking(Metrics(Requests(1, 1), [], allows=loopback), near) as client:
        response = await client.get("/metrics", headers=headers)

    assert response.status_code == status
    if status == 403:
        assert response.json()["errors"][0]["extensions"]["code"] == "METRICS_REFUSED"


async def test_a_scope_is_asked_for() -> None:
    async def viewer(headers: Any) -> Viewer:
        if b"x-api-key" not in headers:
            raise RequestError(401, "UNAUTHENTICATED", "say who asks")
        return Viewer("prometheus", frozenset({headers[b"x-api-key"].decode()}))

    async with asking(Metrics(Requests(1, 1), [], allows=whoever_has_scope(viewer)), "10.0.0.7") as client:
        nobody = await client.get("/metrics")
        somebody = await client.get("/metrics", headers={"x-api-key": "prices:read"})
        prometheus = await client.get("/metrics", headers={"x-api-key": "larder:metrics"})

    assert [response.status_code for response in (nobody, somebody, prometheus)] == [401, 403, 200]


WORKER = """
import asyncio, os, sys
from pathlib import Path
from gateway.observing.metrics import Metrics
from gateway.observing.process import read_process
from gateway.observing.shared import SharedNumbers
from tests.gateway.observing.exchanges import answered
from gateway.observing.requests import Requests

async def work():
    requests = Requests(10, 10)
    metrics = Metrics(requests, [read_process], shared=SharedNumbers(Path(sys.argv[1])))
    await metrics.open()
    requests.note(answered(), 0.1)
    while metrics.take() and not list(Path(sys.argv[1]).glob(f"{os.getpid()}.json")):
        await asyncio.sleep(0.01)
    await metrics.answer("")
    print("ready", flush=True)
    await asyncio.sleep(3600)

asyncio.run(work())
"""


def start_worker(folder: Path) -> subprocess.Popen[bytes]:
    """A worker that has answered one request and told its numbers."""
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"ready\n"
    return worker


async def test_workers_are_told_together_and_no_count_runs_backwards_when_one_is_killed(tmp_path: Path) -> None:
    folder = new_folder(tmp_path)
    metrics = Metrics(counted(0.1, 0.1), [read_process], allows=anybody, shared=SharedNumbers(folder))
    await metrics.open()
    others: list[subprocess.Popen[bytes]] = []
    told = []
    try:
        others += [await asyncio.to_thread(start_worker, folder) for _ in range(2)]
        told.append(await numbers(metrics))
        others[0].kill()
        others[0].wait()
        told.append(await numbers(metrics))
        others.append(await asyncio.to_thread(start_worker, folder))
        told.append(await numbers(metrics))
    finally:
        for other in others:
            other.kill()
            other.communicate()
        await metrics.close()

    assert [one["larder_requests_total", labels(status="200", executor="plan")] for one in told] == [4, 4, 5]
    assert [one["larder_workers", labels()] for one in told] == [3, 2, 3]
    resident = [("larder_process_resident_bytes", labels(worker=str(other.pid))) for other in others]
    assert [[worker in one for worker in resident] for one in told] == [
        [True, True, False],
        [False, True, False],
        [False, True, True],
    ]
    assert {path.stem for path in folder.glob("*.json")} == {
        "left",
        str(os.getpid()),
        str(others[1].pid),
        str(others[2].pid),
    }


def test_a_worker_with_the_number_of_one_that_is_gone_keeps_its_counts(tmp_path: Path) -> None:
    SharedNumbers(tmp_path).write(take(os.getpid(), counted(0.1), [], {}))

    shared = SharedNumbers(tmp_path)
    shared.open()
    shared.write(take(os.getpid(), counted(0.1, 0.2), [], {3: 1}))

    together = shared.together()
    assert [sum(row.buckets) for row in together.rows] == [3]
    assert together.members == {3: 1}


def test_folders_of_servers_that_are_gone_are_removed(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / "metrics" / str(gone.pid)).mkdir(parents=True)
    (tmp_path / "metrics" / str(os.getppid())).mkdir()

    mine = new_folder(tmp_path)

    assert {path.name for path in mine.parent.iterdir()} == {str(os.getppid()), str(os.getpid())}
    assert not list(mine.iterdir())


def test_pauses_of_the_collector_are_counted() -> None:
    pauses = Pauses()
    pauses.open()
    gc.collect()
    pauses.close()
    gc.collect()

    told = {(name, labels): number for name, labels, number in pauses.read()}
    assert told["larder_gc_pauses_total", ("2",)] == 1
    assert told["larder_gc_seconds_total", ("2",)] > 0


@pytest.fixture
async def lanes(store: str) -> AsyncIterator[Lanes]:
    lanes = Lanes(store, count=1)
    await lanes.open()
    yield lanes
    await lanes.close()


async def test_ages_are_read_from_the_store(store: str, lanes: Lanes) -> None:
    now = datetime.now(UTC)
    confirmed = [("a", now - timedelta(seconds=30)), ("b", now - timedelta(hours=1)), ("c", now - timedelta(days=9))]
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
        for scope, at in [*confirmed, ("d", None)]:
            await connection.execute(
                "INSERT INTO larder_confirmation (source, concern, scope, confirmed_at, fresh_for_seconds,"
                " stale_for_seconds) VALUES ('canteens', 'menu', %s, %s, 300, 86400)",
                [scope, at],
            )

    told = await numbers(Metrics(Requests(1, 1), [lanes_reading("resolvers", lanes)], ages=Ages(lanes)))

    of_menu = {"source": "canteens", "concern": "menu"}
    assert told["larder_store_up", labels()] == 1
    assert told["larder_source_age_seconds", labels(**of_menu)] == pytest.approx(9 * 86400, abs=600)
    for freshness in ("FRESH", "STALE", "EXPIRED", "NEVER"):
        assert told["larder_source_units", labels(**of_menu, freshness=freshness)] == 1
    assert told["larder_lane_waiters", labels(kind="resolvers")] == 0


async def test_the_store_is_asked_once_however_many_ask(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.observing.ages.KEEP_SECONDS", 3600.0)
    ages = Ages(lanes)
    asked = 0
    rows = ages._rows

    async def counting(statement: Any) -> list[tuple[Any, ...]]:
        nonlocal asked
        asked += 1
        return await rows(statement)

    ages._rows = counting  # type: ignore[method-assign]
    await asyncio.gather(*(ages.read() for _ in range(5)))

    assert asked == len(QUESTIONS)


async def test_what_the_store_still_answered_is_told(store: str, lanes: Lanes) -> None:
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
        await connection.execute(
            "INSERT INTO larder_confirmation (source, concern, scope, confirmed_at, fresh_for_seconds,"
            " stale_for_seconds) VALUES ('canteens', 'menu', 'a', now(), 300, 86400)"
        )
        async with connection.transaction():
            await connection.execute("LOCK TABLE larder_sync_quarantine")

            told = {name: number for name, _, number in await Ages(lanes).read()}

    assert told["larder_store_up"] == 0
    assert told["larder_source_age_seconds"] < 600


async def test_a_store_that_does_not_answer_is_told_of() -> None:
    nowhere = Lanes("postgresql://nobody@/nowhere?host=/nowhere", wait_seconds=0.1)
    await nowhere.open()

    told = await Ages(nowhere).read()

    assert told == [("larder_store_up", (), 0)]
    await nowhere.close()


def test_every_number_is_of_a_declared_family_with_its_labels() -> None:
    for name, told, _ in [*read_process(), *Pauses().read()]:
        assert len(told) == len(BY_NAME[name].labels)


def test_a_snapshot_survives_its_file(tmp_path: Path) -> None:
    shared = SharedNumbers(tmp_path)
    shared.open()
    snapshot = take(os.getpid(), counted(0.1), [read_process], {2: 1})

    shared.write(snapshot)

    together = shared.together()
    assert together.rows == snapshot.rows
    assert isinstance(together, Snapshot)
