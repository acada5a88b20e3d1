"""Lists that come in pages: read whole, or refused by a rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync.simulators.http import Answer, Exchange
from tests.sync.http_json.pulling import events, problems, records, source, stream_of
from tests.sync.http_json.shop import Shop

ITEMS = [{"id": f"item-{number}", "title": f"Nr. {number}"} for number in range(5)]
RECORDS = """
[[d.records]]
kind = "item"
key = "id"
[d.records.fields]
name = "title"
language = "'de'"
"""


async def pulled(shop: Shop, document: str) -> tuple[list[str], list[Any]]:
    found = await events(source(shop.url, stream_of(f"[[d]]\n{document}\n{RECORDS}")))
    return sorted(records(found)), problems(found)


def page(items: Any, **other: Any) -> dict[str, Any]:
    return {"data": items, **other}


@pytest.mark.parametrize(
    ("paging", "asked"),
    [
        (
            "kind = 'cursor', next = 'cursor', parameter = 'cursor'",
            ["things?q=1", "things?q=1&cursor=2", "things?q=1&cursor=4"],
        ),
        (
            "kind = 'page', parameter = 'page', size = 2",
            ["things?q=1&page=1", "things?q=1&page=2", "things?q=1&page=3"],
        ),
        ("kind = 'page', parameter = 'page', last = 'last'", [f"things?q=1&page={number}" for number in (1, 2, 3)]),
        ("kind = 'page', parameter = 'page'", [f"things?q=1&page={number}" for number in (1, 2, 3, 4)]),
        (
            "kind = 'offset', parameter = 'offset', size = 2, size_parameter = 'limit'",
            [f"things?q=1&limit=2&offset={number}" for number in (0, 2, 4)],
        ),
        ("kind = 'link'", ["things?q=1", "things?offset=2", "things?offset=4"]),
        ("kind = 'link', next = 'links.next'", ["things?q=1", "things?offset=2", "things?offset=4"]),
    ],
)
async def test_a_list_is_read_to_its_end(shop: Shop, paging: str, asked: list[str]) -> None:
    shop.pages("things", ITEMS)

    keys, refused = await pulled(shop, f"path = 'things?q=1'\nitems = 'data'\ntotal = 'total'\npaging = {{ {paging} }}")

    assert (keys, refused) == ([item["id"] for item in ITEMS], [])
    assert shop.asked == asked


async def test_the_cursor_of_a_search_goes_into_its_body(shop: Shop) -> None:
    shop.pages("search", ITEMS)

    keys, refused = await pulled(
        shop,
        """path = "search"
        content = { limit = 2, types = ["ITEM"] }
        items = "data"
        paging = { kind = "cursor", next = "cursor", parameter = "cursor" }""",
    )

    assert (len(keys), refused) == (5, [])
    assert shop.bodies == [
        {"limit": 2, "types": ["ITEM"]},
        {"limit": 2, "types": ["ITEM"], "cursor": "2"},
        {"limit": 2, "types": ["ITEM"], "cursor": "4"},
    ]


async def test_items_that_pages_share_come_once_each_time(shop: Shop) -> None:
    shop.documents["things"] = lambda exchange: (
        page(ITEMS[2:]) if exchange.query.get("cursor") else page(ITEMS[:3], next="2")
    )

    keys, refused = await pulled(
        shop, "path = 'things'\nitems = 'data'\npaging = { kind = 'cursor', next = 'next', parameter = 'cursor' }"
    )

    assert (keys, refused) == ([item["id"] for item in ITEMS], [])


CURSOR = "path = 'things'\nitems = 'data'\npaging = { kind = 'cursor', next = 'next', parameter = 'cursor', pages = 4 }"
NUMBER = "path = 'things'\nitems = 'data'\npaging = { kind = 'page', parameter = 'page' }"
LINK = "path = 'things'\nitems = 'data'\npaging = { kind = 'link', next = 'next' }"


def counting(exchange: Exchange) -> dict[str, Any]:
    number = int(exchange.query.get("cursor", 0))
    return page([{"id": f"item-{number}", "title": ""}], next=number + 1)


@pytest.mark.parametrize(
    ("document", "answer", "rule", "value"),
    [
        (
            CURSOR,
            lambda exchange: page([ITEMS[len(exchange.query)]], next="a"),
            "a page must lead to one that was not read before",
            "'things?cursor=a'",
        ),
        (CURSOR, counting, "a list must have at most 4 pages", "more"),
        (CURSOR, page(ITEMS, next={"a": 1}), "a cursor must be a text or a number", "{'a': 1}"),
        (CURSOR, {"error": "no"}, "data must be a list", "None"),
        (CURSOR, page({"a": 1}), "data must be a list", "{'a': 1}"),
        (NUMBER, page(ITEMS), "a page must not repeat another one", "page 1 of 'things'"),
        (
            LINK,
            page(ITEMS, next="http://elsewhere.example/x"),
            "the next address must lie below the source's url",
            None,
        ),
        (LINK, page(ITEMS, next="//evil.example/x"), "the next address must lie below the source's url", None),
        (LINK, page(ITEMS, next="things"), "a page must lead to one that was not read before", "'things'"),
        (CURSOR, Answer(404, b"{}"), "the document must exist", "404"),
        (CURSOR + "\ntotal = 'count'", page(ITEMS, count=6), "a list must have as many items as it says", "5 of 6"),
        (CURSOR, json.dumps(page(ITEMS)).encode()[:-9], "a document must be JSON", None),
        (CURSOR, b'{"data": [1E+999999999]}', "a document must be JSON", None),
        (CURSOR, b'{"data": [%s]}' % (b"9" * 100_000), "a document must be JSON", None),
        (CURSOR, b"[" * 100_000, "a document must be JSON", None),
    ],
)
async def test_a_list_that_cannot_be_believed_is_refused(
    shop: Shop, document: str, answer: Any, rule: str, value: str | None
) -> None:
    shop.documents["things"] = answer

    _, [(asked, _, broken, said), *others] = await pulled(shop, document)

    assert (broken, others) == (rule, [])
    assert asked.startswith("things")
    assert value is None or said == value


async def test_a_document_that_may_be_missing_is_an_empty_list(shop: Shop) -> None:
    keys, refused = await pulled(shop, "path = 'things'\nmissing = 'empty'")

    assert (keys, refused) == ([], [])
