"""Faults of content: the right answer of a small paged supplier, with something wrong in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest

from sync.simulators.anatomy import Anatomy, Pages, spots
from sync.simulators.http import Answer, Document, Exchange, document_answer, json_answer
from sync.simulators.mutations import MUTATIONS
from sync.simulators.server import running
from sync.simulators.simulator import Simulator
from sync.simulators.supply import Action

MORNING = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
PAGES = [["a", "b"], ["c", "d"], ["e"]]


class Shop:
    """Five things on three pages, by GET and by POST."""

    anatomy = Anatomy(
        rows=("/things things",),
        prices=("/things things[].price.amount",),
        currencies=("/things things[].price.currency",),
        ids=("/things things[].id",),
        names=("/things things[].name",),
        tenants=("/things shop",),
        clocks=("/things at", "/things things[].at"),
        pages=(Pages("/things", "things", "next", "query:page"), Pages("/search", "things", "next", "body:page")),
    )

    def now(self) -> datetime:
        return MORNING

    def describe(self) -> dict[str, Any]:
        return {"mode": "generated"}

    def actions(self) -> Mapping[str, Action]:
        return {}

    def answer(self, exchange: Exchange) -> Answer:
        if exchange.path == "/text":
            return Answer(200, b"hello")
        body = msgspec.json.decode(exchange.body or b"{}")
        page = int(exchange.query.get("page") or body.get("page") or 0)
        if page >= len(PAGES):
            return json_answer(400, {"error": "no such page"})
        return document_answer(Document(json.dumps(shown(page)).encode(), MORNING))


def thing(name: str) -> dict[str, Any]:
    price = {"amount": 1.5, "currency": "EUR"}
    return {"id": name, "name": name.upper(), "price": price, "at": "2026-03-18T09:00:00.250Z"}


def shown(page: int) -> dict[str, Any]:
    following = {"next": str(page + 1)} if page + 1 < len(PAGES) else {}
    return {"shop": "ours", "at": "2026-03-18T10:00:00+01:00", "things": [*map(thing, PAGES[page])], **following}


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with running(Simulator(Shop())) as url, httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        yield client


async def under(client: httpx2.AsyncClient, mode: str, **fault: Any) -> None:
    (await client.delete("/_simulator/fault")).raise_for_status()
    (await client.post("/_simulator/fault", json={"mode": mode, **fault})).raise_for_status()


async def changed(client: httpx2.AsyncClient, mode: str, **fault: Any) -> Any:
    await under(client, mode, **fault)
    return (await client.get("/things")).json(parse_constant=str)


def with_things(*things: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {**shown(0), "things": [*things], **other}


def priced(name: str, **price: Any) -> dict[str, Any]:
    return {**thing(name), "price": {**thing(name)["price"], **price}}


def without(name: str, field: str) -> dict[str, Any]:
    return {key: value for key, value in thing(name).items() if key != field}


A, B = thing("a"), thing("b")
STRANGE = {"x_larder_unheard_of": {"since": "today"}}
CONTENTS: dict[str, dict[str, Any]] = {
    "rows-emptied": with_things(),
    "rows-halved": with_things(A),
    "rows-repeated": with_things(A, A, B, B),
    "rows-reordered": with_things(B, A),
    "price-negative": with_things(priced("a", amount=-1.5), priced("b", amount=-1.5)),
    "price-zero": with_things(priced("a", amount=0), priced("b", amount=0)),
    "price-nan": with_things(priced("a", amount="NaN"), priced("b", amount="NaN")),
    "price-huge": with_things(priced("a", amount=10**30), priced("b", amount=10**30)),
    "price-text": with_things(priced("a", amount="1,5"), priced("b", amount="1,5")),
    "price-tenfold": with_things(priced("a", amount=15.0), priced("b", amount=15.0)),
    "currency-other": with_things(priced("a", currency="JPY"), priced("b", currency="JPY")),
    "fields-missing": with_things(without("a", "name"), without("b", "name")),
    "fields-renamed": with_things({**without("a", "name"), "name_v2": "A"}, {**without("b", "name"), "name_v2": "B"}),
    "fields-null": with_things({**A, "name": None}, {**B, "name": None}),
    "fields-typed": with_things({**A, "name": {"was": "text"}}, {**B, "name": {"was": "text"}}),
    "fields-extra": with_things(
        *({**one, "price": {**one["price"], **STRANGE}, **STRANGE} for one in (A, B)), **STRANGE
    ),
    "ids-missing": with_things(without("a", "id"), without("b", "id")),
    "tenant-other": with_things(A, B, shop="00000000-0000-4000-8000-000000000000"),
    "clock-fast": with_things(
        *({**one, "at": "2026-03-19T09:00:00.250Z"} for one in (A, B)), at="2026-03-19T10:00:00+01:00"
    ),
    "clock-slow": with_things(
        *({**one, "at": "2026-03-17T09:00:00.250Z"} for one in (A, B)), at="2026-03-17T10:00:00+01:00"
    ),
    "pages-loop": with_things(A, B),
    "pages-repeated": with_things(A, B),
    "pages-overlapping": with_things(A, B, thing("c"), thing("d")),
    "pages-endless": with_things(A, B),
    "pages-lost": {name: value for name, value in shown(0).items() if name != "next"},
}


@pytest.mark.parametrize("mode", MUTATIONS)
async def test_a_fault_of_content_changes_what_it_says(client: httpx2.AsyncClient, mode: str) -> None:
    assert await changed(client, mode) == CONTENTS[mode]


async def test_every_takes_the_first_of_so_many(client: httpx2.AsyncClient) -> None:
    assert await changed(client, "price-zero", every=2) == with_things(priced("a", amount=0), B)


async def test_exact_numbers_stay_exact(client: httpx2.AsyncClient) -> None:
    right = (await client.get("/things")).content
    await under(client, "clock-fast")

    assert right.count(b"1.5") == (await client.get("/things")).content.count(b"1.5") == 2


async def walk(client: httpx2.AsyncClient, *, post: bool = False) -> list[str]:
    """What a client that trusts the pages reads, for at most 6 of them."""
    seen, page = [], None
    for _ in range(6):
        asked: dict[str, str] = {"page": page} if page else {}
        answer = await (client.post("/search", json=asked) if post else client.get("/things", params=asked))
        answer.raise_for_status()
        seen.append("".join(one["id"] for one in answer.json()["things"]))
        page = answer.json().get("next")
        if page is None:
            break
    return seen


WALKS = {
    "pages-loop": ["ab", "cd", "cd", "cd", "cd", "cd"],
    "pages-repeated": ["ab", "ab", "ab"],
    "pages-overlapping": ["abcd", "cde", "e"],
    "pages-endless": ["ab", "cd", "e", "ab", "ab", "ab"],
    "pages-lost": ["ab"],
    "rows-reordered": ["ba", "dc", "e"],
}


@pytest.mark.parametrize("mode", WALKS)
async def test_faults_of_paging(client: httpx2.AsyncClient, mode: str) -> None:
    await under(client, mode)

    assert await walk(client) == WALKS[mode]
    if mode != "rows-reordered":
        assert await walk(client, post=True) == WALKS[mode]


@pytest.mark.parametrize(
    ("mode", "date"), [("clock-fast", "Thu, 19 Mar 2026 09:30:00 GMT"), ("clock-slow", "Tue, 17 Mar 2026 09:30:00 GMT")]
)
async def test_the_clock_of_the_answer_is_wrong_too(client: httpx2.AsyncClient, mode: str, date: str) -> None:
    await under(client, mode)
    first = await client.get("/things")

    again = await client.get("/things", headers={"If-None-Match": first.headers["etag"]})

    assert (first.headers["date"], again.headers["date"], again.status_code) == (date, date, 304)


async def test_changed_content_has_a_tag_of_its_own(client: httpx2.AsyncClient) -> None:
    right = await client.get("/things")
    await under(client, "rows-halved")

    answer = await client.get("/things", headers={"If-None-Match": right.headers["etag"]})

    assert answer.status_code == 200
    assert answer.headers["etag"] != right.headers["etag"]


async def test_what_is_no_json_or_no_success_stays_as_it_is(client: httpx2.AsyncClient) -> None:
    await under(client, "rows-emptied")

    assert (await client.get("/text")).text == "hello"
    assert (await client.get("/things", params={"page": "7"})).status_code == 400


@pytest.mark.parametrize(
    ("pointer", "values"),
    [
        ("", [{"a": [{"b": 1}, {"b": {"b": 2}}], "c": {"x": {"b": 3}}}]),
        ("a[].b", [1, {"b": 2}]),
        ("a.[].b", [1, {"b": 2}]),
        ("c.*.b", [3]),
        ("**.b", [1, {"b": 2}, 2, 3]),
        ("a.*", []),
        ("c.[]", []),
        ("nothing", []),
    ],
)
def test_places_lead_to_values(pointer: str, values: list[Any]) -> None:
    document = {"a": [{"b": 1}, {"b": {"b": 2}}], "c": {"x": {"b": 3}}}

    assert [spot.value for spot in spots([document], "/things", (f"/thi* {pointer}".strip(),))] == values
    assert spots([document], "/others", (f"/thi* {pointer}".strip(),)) == []


def test_a_value_that_two_places_name_is_found_once() -> None:
    assert len(spots([{"a": 1}], "/x", ("* a", "* **.a"))) == 1


def test_an_object_used_as_a_map_has_rows_too() -> None:
    holder = [{"groups": {"1": {"n": 1}, "2": {"n": 2}}}]

    assert [spot.value for spot in spots(holder, "/x", ("* groups.*.n",))] == [1, 2]
