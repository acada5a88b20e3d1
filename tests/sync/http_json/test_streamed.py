"""Documents that are read item by item: the same rows as of one read at once, in bounded memory, and all or nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sync.decisions import find_run, replay
from sync.errors import SettingsError
from sync.protocol import End, Failed
from sync.runner import run_stream
from sync.runs import State
from sync.settings import SourceSettings
from sync.simulators.http import ABORT
from sync.simulators.server import running
from sync.sources.http_json.source import HttpJson
from tests.sync.http_json.pulling import FAST, events, problems, source, stream_of
from tests.sync.http_json.shop import Shop
from tests.sync.larder import Larder

MIB = 2**20
PIECE_BYTES = 2**16
PARK = """
[streams.trails]
mode = "snapshot"
concerns = ["menu"]

[[streams.trails.documents]]
path = "trails"
items = "data.trails"
streamed = true
[[streams.trails.documents.records]]
kind = "trail"
key = "id"
[streams.trails.documents.records.fields]
name = "name"
tags = "tags"
"""
ITEM = """
[[d.records]]
kind = 'item'
key = 'id'
[d.records.fields]
name = 'title'
language = "'de'"
"""


@dataclass
class Large:
    """Serves a list that nobody holds. ``ends`` after that many items: ``cut`` as if it were whole, or ``reset``."""

    items: int
    note_bytes: int = 2_000
    ends: int | None = None
    how: str = "cut"
    etag: str = '"1"'
    url: str = ""
    sent: int = 0

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        if headers.get("if-none-match") == self.etag:
            await send({"type": "http.response.start", "status": 304, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        told = [(b"content-type", b"application/json"), (b"etag", self.etag.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": told})
        self.sent = 0
        for piece in self.pieces():
            self.sent += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self.ends is not None and self.how == "reset":
            scope["extensions"][ABORT]()
        await send({"type": "http.response.body", "body": b""})

    def pieces(self) -> Iterator[bytes]:
        piece = bytearray(b'{"made": "now", "data": {"trails": [')
        for number in range(self.items):
            if number == self.ends:
                yield bytes(piece)
                return
            note = Random(number).randbytes(self.note_bytes // 2).hex()  # noqa: S311 - guards nothing
            said = json.dumps({"id": number, "name": f"Trail {number}", "tags": ["steep"], "note": note})
            piece += (", " if number else "").encode() + said.encode()
            if len(piece) >= PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece) + b"]}}"


@pytest.fixture
async def large() -> AsyncIterator[Large]:
    app = Large(items=300)
    async with running(app) as app.url:
        yield app


@pytest.fixture
def larder(trails: str) -> Larder:
    return Larder(trails)


def park(large: Large, **limits: Any) -> SourceSettings:
    settings = source(large.url, PARK, "park")
    return replace(settings, limits={**settings.limits, **limits})


LIVE = "SELECT count(*) FROM larder_trails_trail WHERE deleted_at IS NULL"
STATE = "SELECT external_id, name, content_hash, deleted_at FROM larder_trails_trail ORDER BY external_id"


async def test_rows_are_published_recorded_and_done_again(larder: Larder, large: Large) -> None:
    first = await run_stream(park(large), "trails")
    larder.execute("UPDATE larder_trails_trail SET name = 'lost'")
    large.sent = 0

    again = await replay(park(large), await find_run(first.run_id))
    unchanged = await run_stream(park(large), "trails")

    assert (first.state, first.inserted) == (State.PUBLISHED, 300)
    assert (again.state, again.staged, large.sent) == (State.PUBLISHED, 300, 0)
    assert (unchanged.state, unchanged.unchanged_documents) == (State.PUBLISHED, 1)
    assert larder.value("SELECT count(*) FROM larder_sync_body") == 1
    assert larder.value("SELECT count(*) FROM pg_largeobject_metadata") == 0


@pytest.mark.parametrize("how", ["cut", "reset"])
async def test_a_stream_that_breaks_off_publishes_and_deletes_nothing(larder: Larder, large: Large, how: str) -> None:
    await run_stream(park(large), "trails")
    before, heads = larder.rows(STATE), larder.every_head()
    cursor = larder.rows("SELECT cursor FROM larder_sync_stream")
    large.items, large.ends, large.how, large.etag = 5_000, 2_500, how, '"2"'

    report = await run_stream(park(large), "trails")

    assert (report.state, report.changed) == (State.FAILED, 0)
    assert large.sent > 2_500 * large.note_bytes
    assert larder.rows(STATE) == before
    assert larder.every_head() == heads
    assert larder.rows("SELECT cursor FROM larder_sync_stream") == cursor
    assert larder.value("SELECT count(*) FROM larder_sync_staged") == 0


@pytest.mark.parametrize(
    ("limit", "rule"),
    [
        ({"stream_bytes": 100_000}, "a document must have at most 100000 bytes"),
        ({"item_bytes": 1_000}, "at most 1000 bytes may lie between two items"),
    ],
)
async def test_a_document_beyond_its_bounds_is_a_failed_one(large: Large, limit: Any, rule: str) -> None:
    large.note_bytes = 70_000
    declared = f"[[d]]\npath = 'trails'\nitems = 'data.trails'\nstreamed = true\n{ITEM}"

    found = await events(source(large.url, stream_of(declared)), limits=replace(FAST, **limit))

    assert [(event.confirms, event.rule) for event in found if isinstance(event, Failed)] == [("shop", rule)]


async def test_a_stream_of_a_parent_fails_alone(shop: Shop) -> None:
    shop.documents["stores"] = [{"id": 1}, {"id": 2}, {"id": 3}]
    shop.documents["stores/1"] = {"data": [{"id": 1, "title": "Rye"}]}
    shop.documents["stores/2"] = b'{"data": [{"id": 2, "title": "Roll"}, {"id"'
    shop.documents["stores/3"] = {"data": []}
    child = "path = 'stores/{id}'\nparent = 'stores'\nconfirms = 'parent().id'\nitems = 'data'\nstreamed = true"
    declared = f"[[d]]\nname = 'stores'\npath = 'stores'\n[[d]]\n{child}\n{ITEM}"

    found = await events(source(shop.url, stream_of(declared)))

    assert [(event.confirms, event.rule) for event in found if isinstance(event, Failed)] == [
        ("2", "a document must be JSON")
    ]
    assert [event.scope for event in found if isinstance(event, End)] == ["goods/1", "goods/2", "goods/3"]


@pytest.mark.parametrize("missing", ["refused", "empty"])
async def test_a_document_that_is_not_there_is_what_is_declared(shop: Shop, missing: str) -> None:
    declared = f"[[d]]\npath = 'things'\nstreamed = true\nmissing = '{missing}'\n{ITEM}"

    found = await events(source(shop.url, stream_of(declared)))

    refused = [("things", None, "the document must exist", "404")]
    assert problems(found) == (refused if missing == "refused" else [])


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'[{"id": 1, "title": 1e5000}]', "a number of more than 1000 digits: 1E+5000"),
        (b'[{"id": 1, "title": ' + b"[" * 900 + b"]" * 900 + b"}]", "more than 500 lists and objects in one another"),
    ],
)
async def test_what_a_document_read_at_once_is_refused_for_is_refused(shop: Shop, body: bytes, value: str) -> None:
    shop.documents["things"] = body

    found = await events(source(shop.url, stream_of(f"[[d]]\npath = 'things'\nstreamed = true\n{ITEM}")))

    assert problems(found) == [("things", None, "a document must be JSON", value)]


NAMED = "must be @ or names joined by dots in a streamed document"
BAD: dict[str, tuple[str, str]] = {
    "in pages": ("paging = { kind = 'link' }", "paging must be none in a streamed document"),
    "a total": ("total = 'total'", "total is not for streamed documents"),
    "a filter": ("items = 'data[?active]'", f"items {NAMED}"),
    "a name with a dot": ("items = '\"a.b\"'", f"items {NAMED}"),
    "the page": (
        "items = 'data'\nconfirms = 'document().shop'",
        "documents[0] must not call document() in a streamed document, which is never held",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_needs_the_whole_document_is_refused(case: str) -> None:
    declared, message = BAD[case]
    settings = source("https://shop.example", stream_of(f"[[d]]\npath = 'a'\nstreamed = true\n{declared}\n{ITEM}"))

    with pytest.raises(SettingsError) as caught:
        HttpJson(settings)

    assert message in str(caught.value)


def test_a_streamed_document_is_no_parent() -> None:
    first = "[[d]]\nname = 'a'\npath = 'a'\nstreamed = true\nitems = 'data'"
    settings = source("https://shop.example", stream_of(f"{first}\n[[d]]\npath = 'b'\nparent = 'a'\n{ITEM}"))

    with pytest.raises(SettingsError, match="parent must name a document that is not streamed"):
        HttpJson(settings)


def peak_mib() -> float:
    """The largest resident set since the last call."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@pytest.mark.slow
async def test_a_document_of_50_mib_takes_a_few(larder: Larder, large: Large) -> None:
    await run_stream(park(large), "trails")
    large.items, large.etag = 27_000, '"2"'
    before = (peak_mib(), peak_mib())[-1]

    first = await run_stream(park(large, total_seconds=600), "trails")
    taken = peak_mib() - before
    larder.execute("UPDATE larder_sync_stream SET cursor = '{}'")
    again = await replay(park(large, total_seconds=600), await find_run(first.run_id))
    replayed = peak_mib() - before

    print(f"{large.sent / MIB:.0f} MiB of JSON: {taken:.0f} MiB to publish it, {replayed:.0f} MiB to do it again")  # noqa: T201
    assert large.sent > 50 * MIB
    assert (first.state, again.state, larder.value(LIVE)) == (State.PUBLISHED, State.PUBLISHED, 27_000)
    assert max(taken, replayed) < 40
