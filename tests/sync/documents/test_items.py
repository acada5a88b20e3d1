"""Items of large documents, one by one."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.documents import Documents, Limits, Wanted
from sync.documents.items import ItemReader
from sync.errors import DocumentRefused
from tests.sync.answering import Answering, Reply


async def items(server: Answering, place: str = "", **limits: Any) -> list[Any]:
    async with (
        Documents(server.url, Limits(**limits)) as documents,
        documents.stream_items(Wanted("menu"), place) as streamed,
    ):
        return [item async for item in streamed.items]


def read(pieces: list[bytes], place: str = "", item_bytes: int = 2**20) -> list[Any]:
    reader = ItemReader(place, "", item_bytes)
    found = [item for piece in pieces for item in reader.feed(piece)]
    return [*found, *reader.end()]


async def test_items_come_exact_with_the_documents_head(server: Answering) -> None:
    body = b'{"took": 1, "data": {"products": [{"price": 0.10, "id": 9007199254740993}, "b", [1e2]]}, "next": null}'
    server.replies["/menu"] = Reply(chunks=(body,), headers={"ETag": '"a"', "X-Other": "1"})

    async with (
        Documents(server.url, Limits()) as documents,
        documents.stream_items(Wanted("menu"), "data.products") as streamed,
    ):
        found = [item async for item in streamed.items]

    assert (streamed.document.etag, streamed.document.body, streamed.document.unchanged) == ('"a"', None, False)
    assert found == [{"price": Decimal("0.10"), "id": 9007199254740993}, "b", [Decimal(100)]]
    assert str(found[0]["price"]) == "0.10"


@pytest.mark.parametrize(("status", "unchanged", "absent"), [(304, True, False), (404, False, True)])
async def test_a_document_that_is_unchanged_or_absent_has_no_items(
    server: Answering, status: int, unchanged: bool, absent: bool
) -> None:
    server.replies["/menu"] = Reply(status)

    async with (
        Documents(server.url, Limits()) as documents,
        documents.stream_items(Wanted("menu", etag='"a"')) as streamed,
    ):
        found = [item async for item in streamed.items]

    assert (found, streamed.document.unchanged, streamed.document.absent) == ([], unchanged, absent)


async def test_a_compressed_document_is_streamed_too(server: Answering) -> None:
    body = gzip.compress(json.dumps(list(range(50_000))).encode())
    server.replies["/menu"] = Reply(chunks=(body,), headers={"Content-Encoding": "gzip"})

    assert await items(server) == list(range(50_000))


TWO = b'[{"id": 1}, {"id": 2}]'
REFUSED: dict[str, tuple[bytes, str]] = {
    "cut between items": (TWO[:11], "a document must be JSON: parse error: premature EOF"),
    "cut in an item": (TWO[:15], "a document must be JSON: parse error: premature EOF"),
    "nothing": (b"", "a document must be JSON: parse error: premature EOF"),
    "two documents": (TWO + TWO, "a document must be JSON: parse error: trailing garbage"),
    "html": (b"<html><title>Soon</title>", "a document must be JSON: it is an HTML page: 'Soon'"),
    "not a number": (b"[NaN]", "a document must be JSON: lexical error"),
    "no utf-8": (b'["K\xe4se"]', "a document must be UTF-8: lexical error"),
    "no array": (b'{"id": 1}', "a document must have the documented shape: no array at ''"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_document_that_breaks_off_is_refused_at_its_end(server: Answering, case: str) -> None:
    body, message = REFUSED[case]
    server.replies["/menu"] = Reply(chunks=(body,))

    with pytest.raises(DocumentRefused) as caught:
        await items(server)

    assert str(caught.value).startswith(message)


async def test_what_came_before_a_cut_is_told_first(server: Answering) -> None:
    server.replies["/menu"] = Reply(chunks=(TWO[:15].ljust(2_000),))

    async with Documents(server.url, Limits()) as documents, documents.stream_items(Wanted("menu")) as streamed:
        found = [await anext(aiter(streamed.items))]
        with pytest.raises(DocumentRefused, match="a document must be JSON"):
            await anext(aiter(streamed.items))

    assert found == [{"id": 1}]


async def test_a_connection_that_breaks_is_no_end(server: Answering) -> None:
    server.replies["/menu"] = Reply(chunks=(TWO,), breaks=True)

    with pytest.raises(DocumentRefused, match="the answer must be whole: "):
        await items(server)

    assert len(server.asked) == 1


@pytest.mark.parametrize("place", ["data", "data.products", "data.products.item"])
def test_an_array_that_is_not_where_it_should_be_is_refused(place: str) -> None:
    with pytest.raises(DocumentRefused, match=f"a document must have the documented shape: no array at '{place}'"):
        read([b'{"data": {"items": [1]}}'], place)


def test_an_empty_array_is_an_array() -> None:
    assert read([b'{"data": {"products": []}}'], "data.products") == []


async def test_a_document_is_bounded_in_all_and_between_two_items(server: Answering) -> None:
    server.replies["/menu"] = Reply(chunks=(b'["' + b"x" * 200_000 + b'"]',))

    with pytest.raises(DocumentRefused, match="at most 1000 bytes may lie between two items: more"):
        await items(server, item_bytes=1_000)
    with pytest.raises(DocumentRefused, match="a document must have at most 2000 bytes: more"):
        await items(server, stream_bytes=2_000)


async def test_a_stream_that_drips_has_one_deadline(server: Answering) -> None:
    server.replies["/menu"] = Reply(chunks=(b"[", *(b"1,",) * 2_000), pause_seconds=0.05)

    with pytest.raises(DocumentRefused, match=r"the answer must come in time: none within 0\.5 s"):
        await items(server, total_seconds=0.5)


async def test_who_stops_reading_leaves_no_connection_behind(server: Answering) -> None:
    server.replies["/menu"] = Reply(chunks=(b"[" + b"1," * 1_000,) * 100, pause_seconds=0.05)

    async with Documents(server.url, Limits(concurrency=1)) as documents:
        async with documents.stream_items(Wanted("menu")) as streamed:
            assert await anext(aiter(streamed.items)) == 1
        server.replies["/menu"] = Reply(chunks=(TWO,))
        document = await documents.get(Wanted("menu"))

    assert document.body == TWO


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES, max_size=8), st.data(), st.booleans())
def test_items_are_the_same_however_the_document_is_cut(values: list[Any], data: st.DataObject, marked: bool) -> None:
    body = (b"\xef\xbb\xbf" if marked else b"") + json.dumps({"a": {"b": values}}).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    assert read(pieces, "a.b") == values
