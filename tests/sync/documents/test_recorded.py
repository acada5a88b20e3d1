"""A pull that is recorded and done again without the supplier."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sync.documents import Answer, Documents, Limits, Recorded, Wanted, listed, request_of
from sync.errors import DocumentRefused
from tests.sync.answering import Answering, Reply

NOW = datetime(2025, 10, 8, 10, 0, tzinfo=UTC)
WANTED = [
    Wanted("menu", etag='"a"'),
    Wanted("stock", headers={"X-Shop": "1"}),
    Wanted("stock", headers={"X-Shop": "2"}),
    Wanted("search", method="POST", content=b'{"page":1}', reads=("X-Total",)),
    Wanted("search", method="POST", content=b'{"page":2}'),
    Wanted("gone"),
    Wanted("broken"),
    Wanted("page"),
]


class Kept:
    """Records in memory."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, Answer]] = []

    async def __call__(self, wanted: Wanted, answer: Answer) -> None:
        body = answer.body if answer.file is None else answer.file.read()
        self.answers.append((request_of(wanted), Answer(answer.status, answer.headers, body)))


async def pulled(documents: Documents) -> list[tuple[str, Any]]:
    """What a source would see, in an order that does not hang on the line."""
    async with documents:
        answers = [
            (request_of(wanted), str(told) if isinstance(told, DocumentRefused) else told)
            async for wanted, told in documents.many(WANTED)
        ]
        async with documents.stream_items(Wanted("list"), "data") as streamed:
            answers += [("list", streamed.document), *[("list", item) async for item in streamed.items]]
    return sorted(answers, key=repr)


def supply(server: Answering) -> None:
    def stock(asked: Any) -> Reply:
        return Reply(chunks=(f'["{asked.headers["x-shop"]}"]'.encode(),))

    def search(asked: Any) -> Reply:
        return Reply(chunks=(asked.body,), headers={"X-Total": "7", "X-Secret": "s"})

    server.replies |= {
        "/menu": Reply(304, headers={"ETag": '"a"', "Date": "Wed, 08 Oct 2025 10:00:00 GMT"}),
        "/stock": stock,
        "/search": search,
        "/broken": Reply(500),
        "/page": Reply(chunks=(b"<html>",)),
        "/list": Reply(chunks=(b'{"data": [1, 0.1', b"0, {}]}")),
    }


async def test_a_recording_tells_the_same_again(server: Answering) -> None:
    supply(server)
    kept = Kept()

    first = await pulled(Documents(server.url, Limits(), now=NOW, recorder=kept))
    asked = len(server.asked)
    replay = Documents(server.url, Limits(), transport=Recorded(listed(kept.answers)), now=NOW)
    second = await pulled(replay)

    assert second == first
    assert len(server.asked) == asked
    assert replay.now == NOW
    assert len(kept.answers) == len(WANTED) + 1
    assert all("x-secret" not in answer.headers for _, answer in kept.answers)


async def test_retries_and_redirects_are_no_part_of_a_recording(server: Answering) -> None:
    server.replies["/menu"] = [Reply(500), Reply(302, headers={"Location": "/other"})]
    server.replies["/other"] = Reply(chunks=(b"[1]",))
    kept = Kept()

    async with Documents(server.url, Limits(), recorder=kept) as documents:
        await documents.get(Wanted("menu"))

    [(request, answer)] = kept.answers
    assert (request, answer.status, answer.body) == ("GET menu", 200, b"[1]")


async def test_repeated_requests_get_their_answers_in_order() -> None:
    recording = listed([("GET a", Answer(200, {}, b"1")), ("GET b", Answer(200, {}, b"9")), ("GET a", Answer(404, {}))])

    async with Documents("http://nowhere", Limits(), transport=Recorded(recording)) as documents:
        found = [(await documents.get(Wanted(path))).body for path in ("a", "b", "a")]
        with pytest.raises(DocumentRefused) as caught:
            await documents.get(Wanted("a"))

    assert found == [b"1", b"9", None]
    assert str(caught.value) == "the recording must hold the answer: GET a"


async def test_a_stream_that_cannot_be_read_is_recorded_to_its_end(server: Answering) -> None:
    body = b"[1," + b" " * 5_000 + b"!" + b" " * 5_000 + b"]"
    server.replies["/list"] = Reply(chunks=(body[:4_000], body[4_000:]))
    kept = Kept()

    async with Documents(server.url, Limits(), recorder=kept) as documents, documents.stream_items(Wanted("list")) as s:
        first = await anext(aiter(s.items))
        with pytest.raises(DocumentRefused, match="a document must be JSON"):
            await anext(aiter(s.items))

    assert first == 1
    assert [answer.body for _, answer in kept.answers] == [body]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Wanted("a"), Wanted("b")),
        (Wanted("a"), Wanted("a", method="POST")),
        (Wanted("a", content=b"1"), Wanted("a", content=b"2")),
        (Wanted("a", headers={"X": "1"}), Wanted("a", headers={"X": "2"})),
        (Wanted("a", headers={"X": "1"}), Wanted("a")),
    ],
)
def test_requests_that_differ_are_told_apart(one: Wanted, other: Wanted) -> None:
    assert request_of(one) != request_of(other)


def test_conditions_and_the_case_of_headers_make_no_difference() -> None:
    assert request_of(Wanted("a", etag="x", modified="y")) == request_of(Wanted("a")) == "GET a"
    assert request_of(Wanted("a", headers={"X-a": "1"})) == request_of(Wanted("a", headers={"x-A": "1"}))
