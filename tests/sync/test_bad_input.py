"""What a supplier can get wrong, what that does to the store, and what the operator reads."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync.runner import run_stream
from sync.runs import RunReport, State
from sync.simulators.http import Answer
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, canteen, dish, price, week_path

WEEK = week_path("mensa")
KEY = "mensa/2025-10-08/Pasta/Reis/1"
NOT_JSON = "a document must be JSON"
HTML = b"<!doctype html><h1>Wartung</h1>"


def served(**changes: Any) -> bytes:
    """Today's week with the dish Reis changed."""
    reis = {**dish("Reis"), **changes}
    days = [
        {"date": TODAY.isoformat(), "dishes": [dish("Nudeln"), reis]},
        {"date": (TODAY + timedelta(days=1)).isoformat(), "dishes": [dish("Suppe"), dish("Salat", "Vegan")]},
    ]
    return json.dumps({"number": 41, "year": 2025, "days": days, "version": "2.1"}).encode()


def told(report: RunReport) -> list[tuple[str, str | None, str, str]]:
    return [(problem.kind, problem.key, problem.rule, problem.value) for problem in report.problems]


DOCUMENTS: dict[str, tuple[bytes | Answer, str]] = {
    "truncated": (served()[: len(served()) // 2], NOT_JSON),
    "empty": (b"", NOT_JSON),
    "html": (HTML, NOT_JSON),
    "nan": (served().replace(b"2.25", b"NaN"), NOT_JSON),
    "infinity": (served().replace(b"2.25", b"-Infinity"), NOT_JSON),
    "not utf-8": (served(name="Käse").replace(b"K\\u00e4se", b"K\xe4se"), "a document must be UTF-8"),
    "a list": (b"[]", "a document must have the documented shape"),
    "days as an object": (b'{"number":41,"year":2025,"days":{}}', "a document must have the documented shape"),
    "a date as a number": (served().replace(b'"2025-10-08"', b"20251008"), "a document must have the documented shape"),
    "no such date": (served().replace(b"2025-10-08", b"2025-02-30"), "a document must have the documented shape"),
    "nested without end": (b'{"number":41,"year":2025,"days":[{"date":"2025-10-08","dishes":' + b"[" * 9_000, NOT_JSON),
    "another week": (served().replace(b"2025-10-09", b"2025-10-19"), "the days of a week file must lie in its week"),
    "a day twice": (served().replace(b"2025-10-09", b"2025-10-08"), "a week file must name each day once"),
    "too large": (served(description="x" * 20_000), "a document must have at most 10000 bytes"),
    "server error": (Answer(500, b"{}"), "the status must be 200, 304 or 404"),
    "forbidden": (Answer(403, b"{}"), "the status must be 200, 304 or 404"),
    "redirected": (Answer(302, b"", {"Location": "/elsewhere"}), "the status must be 200, 304 or 404"),
}


@pytest.mark.parametrize("case", DOCUMENTS)
async def test_a_bad_document_stops_its_canteen_and_no_other(larder: Larder, supplier: Supplier, case: str) -> None:
    bad, rule = DOCUMENTS[case]
    source = supplier.source(body_bytes=10_000)
    supplier.canteens("mensa", "cafe")
    supplier.publish(WEEK, served())
    supplier.week("cafe", {TODAY: [dish("Torte")]})
    first = await run_stream(source, "menu")
    before = [
        larder.rows("SELECT t.*::text FROM larder_item t WHERE external_id LIKE 'mensa/%%'"),
        larder.prices("Reis"),
    ]
    supplier.week("cafe", {TODAY: [dish("Torte"), dish("Kuchen")]})
    if isinstance(bad, Answer):
        supplier.answers[WEEK] = bad
    else:
        supplier.publish(WEEK, bad)

    report = await run_stream(source, "menu")

    assert (report.state, report.failed_documents, report.quarantined) == (State.PUBLISHED, 1, 0)
    assert [(kind, key, rule) for kind, key, rule, _ in told(report)] == [("document", WEEK, rule)]
    assert larder.problems() == told(report)
    assert larder.confirmed_at("menu", "mensa") == first.started_at
    assert larder.confirmed_at("menu", "cafe") == report.started_at
    assert "Kuchen" in larder.items()
    assert before == [
        larder.rows("SELECT t.*::text FROM larder_item t WHERE external_id LIKE 'mensa/%%'"),
        larder.prices("Reis"),
    ]
    supplier.answers.clear()
    supplier.publish(WEEK, served(labels=["MILK"]))
    healed = await run_stream(source, "menu")
    assert (healed.state, healed.updated, healed.problems) == (State.PUBLISHED, 1, ())
    assert larder.confirmed_at("menu", "mensa") == healed.started_at


PRICES: dict[str, tuple[Any, str, str]] = {
    "as text": (price("3,50"), "base_price must be a number", "'3,50'"),
    "negative": (price(-1), "amount must not be negative", "-1"),
    "negative per unit": (price(0, -0.5, "100g"), "per-unit amount must not be negative", "-0.5"),
    "huge": (price(10**30), "amount must be below 100000000000", str(10**30)),
    "too fine": (price(1.00001), "amount must have at most 4 decimals", "1.00001"),
    "without a unit": (price(0, 0.5), "a price_per_unit must have a unit", "0.5 per None"),
}


@pytest.mark.parametrize("case", PRICES)
async def test_a_bad_price_keeps_the_old_one_with_its_old_confirmation(
    larder: Larder, supplier: Supplier, case: str
) -> None:
    bad, rule, value = PRICES[case]
    supplier.publish(WEEK, served())
    first = await run_stream(supplier.source(), "menu")
    supplier.publish(WEEK, served(prices={"guests": bad, "staff": price(2), "students": price(1.5)}))

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.quarantined, report.updated) == (State.PUBLISHED, 1, 1)
    assert told(report) == larder.problems() == [("offer", f"{KEY}/guests", rule, value)]
    assert larder.prices("Reis") == {
        "GUESTS": (Decimal(3), None, None),
        "STAFF": (Decimal(2), None, None),
        "STUDENTS": (Decimal("1.5"), None, None),
    }
    assert held(larder) == [(f"{KEY}/guests", first.started_at)]
    assert larder.confirmed_at("price", "mensa") == report.started_at


def held(larder: Larder) -> list[tuple[Any, ...]]:
    return larder.rows("SELECT external_id, held_confirmed_at FROM larder_offer WHERE held_confirmed_at IS NOT NULL")


async def test_a_held_price_keeps_its_first_date_until_the_supplier_is_believed_again(
    larder: Larder, supplier: Supplier
) -> None:
    supplier.publish(WEEK, served())
    first = await run_stream(supplier.source(), "menu")
    for bad in ("3,50", "4,50"):
        supplier.publish(WEEK, served(prices={"guests": price(bad), "staff": price(2.25), "students": price(1.5)}))
        refused = await run_stream(supplier.source(), "menu")
        assert (refused.quarantined, held(larder)) == (1, [(f"{KEY}/guests", first.started_at)])
    again = await run_stream(supplier.source(), "menu")
    heads = larder.heads()
    supplier.publish(WEEK, served())

    report = await run_stream(supplier.source(), "menu")

    assert again.quarantined == 1, "the document is read again while something in it is refused"
    assert (report.changed, report.quarantined, held(larder)) == (0, 0, [])
    assert larder.heads()["larder_offer"] == heads["larder_offer"] + 1


async def test_an_unknown_audience_is_reported_and_the_others_are_published(larder: Larder, supplier: Supplier) -> None:
    supplier.publish(WEEK, served(prices={"guests": price(3), "kids": price(1)}))

    report = await run_stream(supplier.source(), "menu")

    rule = "audience must be one of students, staff, guests"
    assert told(report) == [("offer", f"{KEY}/kids", rule, "kids")]
    assert set(larder.prices("Reis")) == {"GUESTS"}


async def test_a_dish_without_a_name_deletes_nothing_on_its_day(larder: Larder, supplier: Supplier) -> None:
    supplier.publish(WEEK, served())
    first = await run_stream(supplier.source(), "menu")
    supplier.publish(WEEK, served(name=None))

    report = await run_stream(supplier.source(), "menu")

    assert told(report) == [("item", None, "a dish must have a name", "None")]
    assert (report.state, report.deleted) == (State.PUBLISHED, 0)
    assert larder.items() == ["Nudeln", "Reis", "Salat", "Suppe"]
    assert larder.rows("SELECT name, held_confirmed_at FROM larder_item WHERE held_confirmed_at IS NOT NULL") == [
        ("Reis", first.started_at)
    ]
    supplier.publish(WEEK, served())
    await run_stream(supplier.source(), "menu")
    assert larder.rows("SELECT name FROM larder_item WHERE held_confirmed_at IS NOT NULL") == []


async def test_a_dish_with_unreadable_labels_stays_as_it_was(larder: Larder, supplier: Supplier) -> None:
    supplier.publish(WEEK, served(labels=["MILK"]))
    await run_stream(supplier.source(), "menu")
    supplier.publish(WEEK, served(labels={"MILK": True}))

    report = await run_stream(supplier.source(), "menu")

    assert told(report) == [("item", KEY, "labels must be a list of codes", "{'MILK': True}")]
    assert larder.value("SELECT labels FROM larder_item WHERE name = 'Reis'") == ["MILK"]


async def test_a_refused_dish_takes_its_placement_and_prices_along(larder: Larder, supplier: Supplier) -> None:
    supplier.publish(WEEK, served(labels=7))

    report = await run_stream(supplier.source(), "menu")

    assert report.quarantined == 5
    assert [(kind, rule) for kind, _, rule, _ in told(report)] == [
        ("item", "labels must be a list of codes"),
        ("placement", "item must be a known item"),
        *[("offer", "item must be a known item")] * 3,
    ]
    assert larder.items() == ["Nudeln", "Salat", "Suppe"]


async def test_a_dish_listed_twice_is_served_twice(larder: Larder, supplier: Supplier) -> None:
    supplier.week("mensa", {TODAY: [dish("Reis"), dish("Reis", prices={"guests": price(9)}), dish("Reis")]})

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.problems, larder.items()) == (State.PUBLISHED, (), ["Reis"] * 3)


@pytest.mark.parametrize("name", ["Reis\x00", "R" * 5_000, "Reis\n\t\u202e\U0001f4a5"])
async def test_strange_names_do_no_harm(larder: Larder, supplier: Supplier, name: str) -> None:
    supplier.publish(WEEK, served(name=name))

    report = await run_stream(supplier.source(guards={"quarantine": False}), "menu")

    assert report.state is State.PUBLISHED
    assert {"Nudeln", "Salat", "Suppe"} <= set(larder.items())


async def test_an_empty_week_is_held_until_the_supplier_says_it_twice(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    supplier.week("mensa", {})

    first = await run_stream(supplier.source(), "menu")
    still_there = larder.items()
    second = await run_stream(supplier.source(), "menu")

    assert (first.state, first.held, second.state, second.held) == (State.HELD, ("mensa",), State.PUBLISHED, ())
    assert told(first) == [("guard", None, "a loss of 30% of what is on offer must be said twice", "4 of 4 items")]
    assert (len(still_there), larder.items()) == (4, [])


LISTINGS: dict[str, tuple[Any, str]] = {
    "html": (HTML, NOT_JSON),
    "empty": ([], "the list of canteens must not be empty"),
    "an entry that is no object": ([5], "an entry must be an object"),
    "an id with a slash": ([canteen("../etc")], "canteen_id must be letters, digits, - and _"),
    "an id twice": ([canteen("mensa"), canteen("mensa", name="Other")], "canteen_id must be unique"),
}


@pytest.mark.parametrize("case", LISTINGS)
@pytest.mark.parametrize("stream", ["menu", "stock"])
async def test_without_a_list_of_canteens_a_run_fails_and_changes_nothing(
    larder: Larder, supplier: Supplier, case: str, stream: str
) -> None:
    bad, rule = LISTINGS[case]
    await run_stream(supplier.source(), "menu")
    await run_stream(supplier.source(), "stock")
    before, confirmed = larder.dump(), larder.rows("SELECT c.*::text FROM larder_confirmation c ORDER BY id")
    supplier.publish("canteens.json", bad)

    report = await run_stream(supplier.source(), stream)

    assert report.state is State.FAILED
    assert report.error.startswith(f"canteens.json: {rule}: ")
    assert larder.value("SELECT error FROM larder_sync_run ORDER BY id DESC LIMIT 1") == report.error
    assert larder.dump() == before
    assert larder.rows("SELECT c.*::text FROM larder_confirmation c ORDER BY id") == confirmed


async def test_a_canteen_with_an_unreadable_place_keeps_the_old_one_and_gets_its_menu(
    larder: Larder, supplier: Supplier
) -> None:
    await run_stream(supplier.source(), "menu")
    bad = canteen("mensa", location={"address": "X", "latitude": "48.1", "longitude": 11})
    supplier.publish("canteens.json", [bad])
    supplier.publish(WEEK, served(labels=["MILK"]))

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.updated) == (State.PUBLISHED, 1)
    assert told(report) == [("location", "mensa", "latitude must be a number", "'48.1'")]
    assert larder.value("SELECT address FROM larder_location") == "mensa 1"


async def test_labels_that_cannot_be_had_stop_no_menu(larder: Larder, supplier: Supplier) -> None:
    supplier.publish("enums/labels.json", HTML)

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.failed_documents, len(larder.items())) == (State.PUBLISHED, 1, 4)
    assert larder.confirmed_at("menu", "mensa") == report.started_at
    assert larder.rows("SELECT DISTINCT scope FROM larder_confirmation") == [("mensa",)]


async def test_a_label_code_that_nobody_knows_is_reported(larder: Larder, supplier: Supplier) -> None:
    supplier.publish("enums/labels.json", [{"enum_name": "MILK"}, {"enum_name": "INSECTS"}])

    report = await run_stream(supplier.source(), "menu")

    assert [(kind, value) for kind, _, _, value in told(report)] == [("label", "INSECTS")]


async def test_a_supplier_that_fails_everywhere_fails_the_run(larder: Larder, supplier: Supplier) -> None:
    first = await run_stream(supplier.source(), "menu")
    for path in [path for path, _ in supplier.asked if path.startswith("mensa/")]:
        supplier.answers[path] = Answer(503, b"")

    report = await run_stream(supplier.source(), "menu")

    assert (report.state, report.failed_documents) == (State.FAILED, 5)
    assert report.error.startswith("none of 5 documents could be had, the first one mensa/")
    assert larder.confirmed_at("menu", "mensa") == first.started_at
    assert len(larder.problems()) == 5


async def test_nothing_of_a_canteen_is_published_while_one_of_its_documents_is_bad(
    larder: Larder, supplier: Supplier
) -> None:
    supplier.canteens("mensa", "cafe")
    await run_stream(supplier.source(), "menu")
    before, next_week = larder.dump(), TODAY + timedelta(weeks=1)
    supplier.week("mensa", {next_week: [dish("Pizza")]}, next_week)
    supplier.publish(WEEK, HTML)

    bad = await run_stream(supplier.source(), "menu")
    untouched = larder.dump() == before
    supplier.publish(WEEK, served())
    good = await run_stream(supplier.source(), "menu")

    assert (bad.state, bad.confirmed, bad.changed, untouched) == (State.PUBLISHED, 1, 0, True)
    assert good.confirmed == 2
    assert larder.items() == ["Nudeln", "Pizza", "Reis", "Salat", "Suppe"]
