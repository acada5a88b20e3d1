"""Documents over real HTTP: conditional, bounded, tried again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from sync.documents import Document, Documents, Limits, Wanted, clock
from sync.errors import DocumentRefused
from sync.simulators.eat_api import EatApi
from sync.simulators.eat_api_data import Generated
from sync.simulators.faults import Fault
from sync.simulators.http import Answer
from sync.simulators.server import running
from sync.simulators.simulator import Simulator
from tests.sync.answering import Answering, Reply
from tests.sync.supplier import NOW, Supplier


async def get(supplier: Supplier, path: str, etag: str | None = None, **limits: Any) -> Document:
    async with Documents(supplier.url, Limits(**{"request_seconds": 2, **limits})) as documents:
        return await documents.get(Wanted(path, etag))


async def test_a_document_comes_with_its_etag_and_the_suppliers_clock(supplier: Supplier) -> None:
    document = await get(supplier, "stock.json")

    assert (document.body, document.unchanged, document.told_at) == (b"[]", False, NOW)
    assert document.etag


async def test_a_known_document_is_not_sent_again(supplier: Supplier) -> None:
    known = await get(supplier, "stock.json")

    document = await get(supplier, "stock.json", known.etag)

    assert (document.body, document.unchanged) == (None, True)
    assert supplier.statuses() == {200: 1, 304: 1}


async def test_an_absent_document_is_no_failure(supplier: Supplier) -> None:
    document = await get(supplier, "mensa/1999/01.json")

    assert (document.body, document.unchanged) == (None, False)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_recovers_is_asked_again(server: Answering, status: int) -> None:
    server.replies["/stock.json"] = [Reply(status), Reply(status), Reply()]

    async with Documents(server.url, Limits(request_seconds=20)) as documents:
        document = await documents.get(Wanted("stock.json"))

    assert document.body == b"[]"
    assert len(server.asked) == 3


@pytest.mark.parametrize(("status", "asked"), [(400, 1), (403, 1), (301, 1), (503, 3)])
async def test_other_answers_are_refused_and_only_the_servers_faults_tried_again(
    supplier: Supplier, status: int, asked: int
) -> None:
    supplier.answers["stock.json"] = Answer(status, b"")

    with pytest.raises(DocumentRefused, match=f"the status must be 200, 304 or 404: {status}"):
        await get(supplier, "stock.json")

    assert supplier.statuses() == {status: asked}


async def test_a_silent_supplier_is_left_after_the_deadline(supplier: Supplier) -> None:
    supplier.silent["stock.json"] = asyncio.Event()
    began = time.monotonic()

    with pytest.raises(DocumentRefused, match=r"the answer must come in time: none within 0\.3 s"):
        await get(supplier, "stock.json", request_seconds=0.3)

    assert time.monotonic() - began < 1.5


async def test_all_documents_together_have_a_deadline(supplier: Supplier) -> None:
    wanted = [Wanted(f"mensa/2000/{week:02}.json") for week in range(20)]
    supplier.silent = {one.path: asyncio.Event() for one in wanted}
    began = time.monotonic()
    limits = Limits(concurrency=2, request_seconds=0.2, total_seconds=0.5)

    async with Documents(supplier.url, limits) as documents:
        outcomes = [outcome async for _, outcome in documents.many(wanted)]

    assert len(outcomes) == 20
    assert all(isinstance(outcome, DocumentRefused) for outcome in outcomes)
    assert time.monotonic() - began < 2


async def test_no_more_than_the_limit_are_asked_for_at_once(supplier: Supplier) -> None:
    wanted = [Wanted(f"mensa/2000/{week:02}.json") for week in range(30)]

    supplier.pause_seconds = 0.01
    async with Documents(supplier.url, Limits(concurrency=3)) as documents:
        paths = [one.path async for one, _ in documents.many(wanted)]

    assert sorted(paths) == [one.path for one in wanted]
    assert supplier.most_under_way == 3


async def test_who_stops_reading_leaves_no_request_behind(supplier: Supplier) -> None:
    wanted = [Wanted(f"mensa/2000/{week:02}.json") for week in range(10)]
    supplier.silent = {one.path: asyncio.Event() for one in wanted[1:]}

    async with Documents(supplier.url, Limits(concurrency=4)) as documents:
        answers = documents.many(wanted)
        await anext(answers)
        await answers.aclose()
        mine = [task for task in asyncio.all_tasks() if "Documents.get" in repr(task)]

    assert mine == []


async def test_a_document_that_is_too_large_is_left_in_the_middle(supplier: Supplier) -> None:
    supplier.publish("stock.json", b"x" * 1_000_000)

    with pytest.raises(DocumentRefused, match="a document must have at most 1000 bytes: more"):
        await get(supplier, "stock.json", body_bytes=1_000)


@asynccontextmanager
async def misbehaving(mode: str) -> AsyncIterator[str]:
    simulator = Simulator(EatApi(Generated()))
    simulator.faults.add(Fault(mode=mode, seconds=0.2))
    async with running(simulator) as url:
        yield url


@pytest.mark.parametrize(
    ("mode", "rule"), [("reset", "the answer must be whole"), ("drip", "the answer must come in time")]
)
async def test_an_answer_that_breaks_off_or_never_ends_is_refused(mode: str, rule: str) -> None:
    async with misbehaving(mode) as url, Documents(url, Limits(request_seconds=1, attempts=2)) as documents:
        with pytest.raises(DocumentRefused, match=rule):
            await documents.get(Wanted("canteens.json"))


async def test_a_supplier_that_is_not_there_is_named_as_such() -> None:
    async with Documents("http://127.0.0.1:1", Limits(attempts=2)) as documents:
        with pytest.raises(DocumentRefused, match="the answer must be whole: ConnectError"):
            await documents.get(Wanted("canteens.json"))


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("Wed, 08 Oct 2025 10:00:00 GMT", datetime(2025, 10, 8, 10, tzinfo=UTC)),
        ("Wed, 08 Oct 2025 12:00:00 +0200", datetime(2025, 10, 8, 10, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_clock_is_the_date_header(date: str | None, instant: datetime | None) -> None:
    assert clock(date) == instant


async def test_who_forgets_to_close_leaves_no_request_behind_either(supplier: Supplier) -> None:
    wanted = [Wanted(f"mensa/2000/{week:02}.json") for week in range(10)]
    supplier.silent = {one.path: asyncio.Event() for one in wanted[1:]}

    async with Documents(supplier.url, Limits(concurrency=4)) as documents:
        answers = documents.many(wanted)
        await anext(answers)

    assert [task for task in asyncio.all_tasks() if "Documents.get" in repr(task)] == []
    await answers.aclose()


async def test_who_is_cancelled_while_connections_are_closed_leaves_none_open(monkeypatch: pytest.MonkeyPatch) -> None:
    closing, may_go_on, closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slowly(*_: object) -> None:
        closing.set()
        await may_go_on.wait()
        closed.set()

    async def pull() -> None:
        async with Documents("http://127.0.0.1:9", Limits()) as documents:
            monkeypatch.setattr(type(documents._transport), "__aexit__", slowly)

    pulling = asyncio.create_task(pull())
    await closing.wait()
    pulling.cancel()
    await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await pulling
    assert closed.is_set()
