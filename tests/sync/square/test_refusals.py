"""Answers that cannot be true are refused with rule and value, and nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from sync.simulators.faults import Fault
from sync.simulators.http import Answer, Exchange, json_answer
from sync.simulators.square_answers import Answers
from tests.sync.square.selling import Shop, failures, malformed, only_confirms, opened, selling

Bend = Callable[[dict[str, Any], dict[str, Any]], None]
"""Changes an answer; gets what was asked too."""


def bend(shop: Shop, path: str, change: Bend) -> None:
    """Let answers to ``path`` be other than they should be."""
    right = shop.seller.answers.to

    def to(exchange: Exchange) -> Answer:
        answer = right(exchange)
        if exchange.path != path:
            return answer
        body = msgspec.json.decode(answer.body)
        change(body, msgspec.json.decode(exchange.body or b"{}"))
        return json_answer(answer.status, body)

    shop.lie(to)


SEARCH, RETRIEVE, LOCATIONS = "/v2/catalog/search", "/v2/catalog/batch-retrieve", "/v2/locations"
COUNTS = "/v2/inventory/counts/batch-retrieve"


def first(**changed: Any) -> Bend:
    return lambda body, _: body["objects"][0].update(changed)


def stranger(body: dict[str, Any], _: Any) -> None:
    body["locations"][1]["merchant_id"] = "SOMEBODY"


def looping(body: dict[str, Any], asked: dict[str, Any]) -> None:
    body["cursor"] = asked.get("cursor") or body.get("cursor")


def overlapping(body: dict[str, Any], asked: dict[str, Any]) -> None:
    body["objects"] += [{"type": "ITEM", "id": "ITEM00000", "item_data": {"name": "x"}}] if "cursor" in asked else []


def clocked(latest: str | None) -> Bend:
    return lambda body, _: body.update(latest_time=latest)


@pytest.mark.parametrize(
    ("path", "change", "rule", "value"),
    [
        (LOCATIONS, stranger, "every row must be of the merchant MLARDER0SELLER", "SOMEBODY"),
        (LOCATIONS, lambda body, _: body.update(locations=[]), "the list of locations must not be empty", "[]"),
        (
            LOCATIONS,
            lambda body, _: body["locations"].pop(),
            "the list of locations must name every active one",
            "LOC001",
        ),
        (
            LOCATIONS,
            lambda body, _: body["locations"].append(body["locations"][0]),
            "a location must be listed once",
            "LOC000",
        ),
        (
            LOCATIONS,
            lambda body, _: body["locations"][0].pop("id"),
            "a location must have an id and a merchant_id",
            "Obj",
        ),
        (SEARCH, looping, "a cursor must lead to a page that was not read yet", ""),
        (SEARCH, overlapping, "a page must not repeat an object of another", "ITEM00000"),
        (SEARCH, clocked("2001-01-01T00:00:00Z"), "latest_time must not go back behind", "2001-01-01T00:00:00Z"),
        (SEARCH, clocked("2999-01-01T00:00:00Z"), "a time must not be later than", "2999-01-01T00:00:00Z"),
        (SEARCH, clocked("yesterday"), "a time must be in RFC 3339", "'yesterday'"),
        (SEARCH, clocked(None), "a listing must tell its latest_time", "none"),
        (SEARCH, first(id=None), "a catalog object must have a type and an id", "Expected"),
        (SEARCH, first(id="a/b"), "an id must have 1 to 192 characters, none of them a space or a slash", "'a/b'"),
        (SEARCH, lambda body, _: body["objects"].pop(), "a full listing must name every live object", "ITEM000"),
        (SEARCH, lambda body, _: body.update(objects=[]), "a full listing must name every live object", "ITEM00000"),
        (SEARCH, lambda body, _: body.update(errors=[{"code": "X"}]), "an answer must have no errors", "{'code': 'X'}"),
        (
            SEARCH,
            lambda body, _: body["objects"][-1].update(present_at_location_ids=["THEIRS"]),
            "an object's locations must be the merchant's own",
            "THEIRS of ITEM",
        ),
        (SEARCH, lambda body, _: body.update(objects={}), "an answer must have the documented shape", "Expected"),
    ],
)
async def test_a_full_run_is_refused(path: str, change: Bend, rule: str, value: str) -> None:
    async with selling(page_size=6) as shop:
        books = await shop.fresh("catalog")
        bend(shop, path, change)

        events = await shop.pull("catalog", books.cursor, reconcile_hours=0)

        [(told, offender)] = failures(events)
        assert told.startswith(rule)
        assert offender.startswith(value)
        assert not opened(events)


@pytest.mark.parametrize(
    ("path", "change", "rule", "value"),
    [
        (SEARCH, clocked("2001-01-01T00:00:00Z"), "latest_time must not go back behind", "2001-01-01T00:00:00Z"),
        (SEARCH, looping, "", ""),
        (
            RETRIEVE,
            lambda body, _: body.update(objects=[]),
            "an object that is listed must be there when asked by its id",
            "ITEM00001",
        ),
        (RETRIEVE, first(id="ITEM00007"), "an object must be one that was asked for", "ITEM00007"),
    ],
)
async def test_a_delta_is_refused(path: str, change: Bend, rule: str, value: str) -> None:
    async with selling(page_size=6) as shop:
        books = await shop.fresh("catalog")
        shop.edit("ITEM00001", lambda data: data.update(name="Other"))
        bend(shop, path, change)

        events = await shop.pull("catalog", books.cursor)

        assert not rule or [one for one in failures(events) if one[0].startswith(rule) and one[1].startswith(value)]
        assert not rule or not opened(events)


@pytest.mark.parametrize(
    ("change", "rule", "value"),
    [
        (
            lambda body, _: body["counts"][0].update(location_id="THEIRS"),
            "a count's location must be the merchant's own",
            "THEIRS",
        ),
        (
            lambda body, _: body["counts"].append(body["counts"][0]),
            "a page must not repeat a count of another",
            "ITEM",
        ),
        (
            lambda body, _: body["counts"][0].update(calculated_at="2999-01-01T00:00:00Z"),
            "a time must not be later than",
            "2999-01-01T00:00:00Z",
        ),
        (lambda body, _: body["counts"][0].pop("quantity"), "an answer must have the documented shape", "Object"),
    ],
)
async def test_counts_are_refused(change: Bend, rule: str, value: str) -> None:
    async with selling() as shop:
        bend(shop, COUNTS, change)

        events = await shop.pull("inventory", {})

        [(told, offender)] = failures(events)
        assert told.startswith(rule)
        assert offender.startswith(value)


async def test_a_count_from_before_the_last_one_is_refused() -> None:
    async with selling() as shop:
        books = await shop.fresh("inventory")
        shop.seller.ledger.count("ITEM00001V0", "LOC000", 3)
        before = shop.seller.now() - timedelta(days=1)
        bend(shop, COUNTS, lambda body, _: body["counts"][0].update(calculated_at=before.isoformat()))

        events = await shop.pull("inventory", books.cursor)

        [(rule, value)] = failures(events)
        assert rule.startswith("a count must be newer than")
        assert value == before.isoformat()


async def test_an_answer_without_its_changes_is_asked_for_again() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        shop.edit("ITEM00001", lambda data: data.update(name="Other"))
        bend(shop, SEARCH, lambda body, _: body.update(objects=[]))
        await shop.run("catalog", books)

        shop.lie(Answers(shop.seller.ledger).to)
        await shop.run("catalog", books)

        assert books.of("item")["LOC000/ITEM00001"].name == "Other"


@pytest.mark.parametrize("mode", ["truncate", "html", "garbage", "status:500", "reset"])
async def test_an_answer_that_is_none_fails_the_run(mode: str) -> None:
    async with selling() as shop:
        shop.simulator.faults.add(Fault(mode=mode, path="/v2/catalog/*"))

        events = await shop.pull("catalog", {})

        assert len(failures(events)) == 1
        assert not opened(events)


@pytest.mark.parametrize(
    ("key", "changed", "expected"),
    [
        (
            "ITEM00001",
            {"name": " "},
            ("item", None, "an item must have a name", "ITEM00001: ' '"),
        ),
        (
            "ITEM00001",
            {"name": 7},
            ("item", None, "a catalog object must have the documented shape", "ITEM00001: Expected `str | n"),
        ),
        (
            "ITEM00001V0",
            {"price_money": {"amount": -1, "currency": "USD"}, "pricing_type": "FIXED_PRICING"},
            ("offer", "LOC000/ITEM00001V0", "a price must be at least 0 and below 100000000000", "-1"),
        ),
        (
            "LIST000",
            {"name": None},
            ("option_group", None, "a modifier list must have a name", "LIST000: None"),
        ),
        (
            "LIST000M1",
            {"name": ""},
            ("item", "LOC000/LIST000M1", "a modifier must have a name", "''"),
        ),
    ],
)
async def test_what_cannot_be_read_stays_as_it_was(key: str, changed: Any, expected: tuple[str, ...]) -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        before = books.said()
        shop.edit(key, lambda data: data.update(changed))

        for hours in (24, 0):
            events = await shop.run("catalog", books, reconcile_hours=hours)
            kind, row, rule, value = expected
            found = [one for one in malformed(events) if one[:2] == (kind, row)]
            assert {(one[2], one[3].startswith(value)) for one in found} == {(rule, True)}
            assert books.said() == before


@pytest.mark.parametrize("spoilt", [{"name": None}, {"name": 7}, {"variations": [{"type": "ITEM_VARIATION"}]}])
async def test_what_could_not_be_read_is_asked_for_again(spoilt: dict[str, Any]) -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        shop.edit("ITEM00001", lambda data: data.update(name="Other"))
        bend(shop, RETRIEVE, lambda body, _: body["objects"][0]["item_data"].update(spoilt))
        await shop.run("catalog", books)
        assert books.of("item")["LOC000/ITEM00001"].name != "Other"

        shop.lie(Answers(shop.seller.ledger).to)
        events = await shop.run("catalog", books)

        assert books.of("item")["LOC000/ITEM00001"].name == "Other"
        assert opened(events) == ["LOC000/ITEM00001", "LOC001/ITEM00001"]
        assert only_confirms(await shop.run("catalog", books))


async def test_a_category_that_could_not_be_read_is_asked_for_again() -> None:
    async with selling() as shop:
        bend(shop, SEARCH, lambda body, _: body["objects"][0]["category_data"].pop("name", None))
        books = await shop.fresh("catalog")
        assert not [key for key in books.cursor if key.endswith("/at")]

        shop.lie(Answers(shop.seller.ledger).to)
        await shop.run("catalog", books)

        assert books.said() == (await shop.fresh("catalog")).said()


async def test_a_location_that_cannot_be_read_stays_as_it_was_and_is_not_confirmed() -> None:
    async with selling() as shop:
        books = await shop.fresh("catalog")
        before = books.said()
        shop.seller.ledger.locations["LOC001"]["timezone"] = "Mars/Olympus"

        events = await shop.pull("catalog", books.cursor)
        books.publish(events)

        assert failures(events) == [("a timezone must be an IANA name", "'Mars/Olympus'")]
        assert books.said() == before
