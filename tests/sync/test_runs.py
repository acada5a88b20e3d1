"""Runs over a real supplier into a real store: what is written, what is confirmed, what is remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from sync.identity import node_id
from sync.runner import run_stream
from sync.runs import State
from sync.settings import Slo
from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish, price, week_path

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


async def test_a_first_run_fills_the_store(larder: Larder, supplier: Supplier) -> None:
    report = await run_stream(supplier.source(), "menu")

    assert report.state is State.PUBLISHED
    assert (report.inserted, report.updated, report.deleted, report.unchanged) == (1 + 2 + 3 + 4 + 4 + 12, 0, 0, 0)
    assert (report.documents, report.unchanged_documents, report.failed_documents) == (18, 0, 0)
    assert larder.items() == ["Nudeln", "Reis", "Salat", "Suppe"]
    assert larder.rows("SELECT slug, name, timezone, currency, latitude FROM larder_location") == [
        ("mensa", "Mensa", "Europe/Berlin", "EUR", Decimal("48.147000"))
    ]
    assert larder.rows("SELECT external_id, name, channel, service_date FROM larder_menu ORDER BY 1") == [
        ("mensa/2025-10-08", "Mittwoch, 08.10.2025", "DINE_IN", TODAY),
        ("mensa/2025-10-09", "Donnerstag, 09.10.2025", "DINE_IN", TOMORROW),
    ]
    assert larder.prices("Reis") == {
        "GUESTS": (Decimal(3), None, None),
        "STAFF": (Decimal("2.25"), None, None),
        "STUDENTS": (Decimal("1.5"), None, None),
    }
    assert larder.rows("SELECT name, kind, account FROM larder_source") == [("canteens", "eat_api", supplier.url)]
    assert larder.value("SELECT count(*) FROM larder_sync_staged") == 0


async def test_node_ids_are_the_same_at_every_import(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")

    found: UUID = larder.value("SELECT node_id FROM larder_item WHERE name = 'Reis'")

    assert found == node_id("canteens", "item", "mensa/2025-10-08/Pasta/Reis/1")


async def test_an_unchanged_run_asks_conditionally_writes_no_row_and_confirms(
    larder: Larder, supplier: Supplier
) -> None:
    first = await run_stream(supplier.source(), "menu")
    supplier.statuses()
    before, heads = larder.dump(), larder.heads()

    second = await run_stream(supplier.source(), "menu")

    assert supplier.statuses() == {304: 3, 404: 4}
    assert (second.state, second.changed) == (State.PUBLISHED, 0)
    assert (second.documents, second.unchanged_documents) == (7, 6)
    assert (larder.dump(), larder.heads()) == (before, heads)
    assert first.started_at < second.started_at == larder.confirmed_at("menu", "mensa")
    assert larder.confirmed_at("price", "mensa") == second.started_at


async def test_a_document_without_an_etag_is_read_again_and_still_writes_nothing(
    larder: Larder, supplier: Supplier
) -> None:
    await run_stream(supplier.source(), "menu")
    larder.execute("UPDATE larder_sync_stream SET cursor = '{}'")
    before, heads = larder.dump(), larder.heads()

    report = await run_stream(supplier.source(), "menu")

    assert (report.changed, report.unchanged) == (0, 26)
    assert (larder.dump(), larder.heads()) == (before, heads)


async def test_older_weeks_are_asked_for_until_they_were_answered_once(supplier: Supplier, larder: Larder) -> None:
    long_ago = TODAY - timedelta(weeks=12)
    supplier.week("mensa", {long_ago: [dish("Spargel")]}, long_ago)

    await run_stream(supplier.source(), "menu")
    asked = [path for path, _ in supplier.asked]
    supplier.asked.clear()
    await run_stream(supplier.source(), "menu")

    assert week_path("mensa", long_ago) in asked
    assert week_path("mensa", long_ago) not in [path for path, _ in supplier.asked]
    assert "Spargel" in larder.items()


async def test_only_what_differs_is_written(larder: Larder, supplier: Supplier) -> None:
    await run_stream(supplier.source(), "menu")
    heads = larder.heads()
    supplier.week(
        "mensa",
        {
            TODAY: [dish("Nudeln"), dish("Reis", prices={"guests": price(9)})],
            TOMORROW: [dish("Suppe"), dish("Salat", "Vegan")],
        },
    )

    report = await run_stream(supplier.source(), "menu")

    assert (report.inserted, report.updated, report.deleted) == (0, 1, 2)
    assert larder.prices("Reis") == {"GUESTS": (Decimal(9), None, None)}
    changed = {name for name, value in larder.heads().items() if value != heads.get(name)}
    assert changed == {"larder_offer", "larder_price_change"}


async def test_past_days_that_left_the_file_stay_and_coming_ones_go(larder: Larder, supplier: Supplier) -> None:
    served = {YESTERDAY: [dish("Gestern")], TODAY: [dish("Heute"), dish("Reis")], TOMORROW: [dish("Morgen")]}
    supplier.week("mensa", served)
    await run_stream(supplier.source(), "menu")
    supplier.week("mensa", {TODAY: [dish("Heute"), dish("Reis")]})

    first, second = [await run_stream(supplier.source(), "menu") for _ in range(2)]

    assert (first.state, second.state) == (State.HELD, State.PUBLISHED)
    assert larder.items() == ["Gestern", "Heute", "Reis"]
    assert larder.rows("SELECT external_id FROM larder_menu WHERE deleted_at IS NOT NULL") == [("mensa/2025-10-09",)]


async def test_a_day_that_returns_is_the_same_row(larder: Larder, supplier: Supplier, settings_guard_off: None) -> None:
    await run_stream(supplier.source(), "menu")
    before = larder.rows("SELECT id, node_id FROM larder_item ORDER BY id")
    whole = supplier.documents[week_path("mensa")]
    supplier.week("mensa", {})
    gone = await run_stream(supplier.source(), "menu")
    supplier.documents[week_path("mensa")] = whole

    back = await run_stream(supplier.source(), "menu")

    assert (gone.deleted, back.inserted, back.updated) == (25, 0, 25)
    assert larder.rows("SELECT id, node_id FROM larder_item WHERE deleted_at IS NULL ORDER BY id") == before


async def test_a_week_file_that_disappears_takes_its_coming_days_along(
    larder: Larder, supplier: Supplier, settings_guard_off: None
) -> None:
    await run_stream(supplier.source(), "menu")
    del supplier.documents[week_path("mensa")]

    await run_stream(supplier.source(), "menu")

    assert larder.items() == []


async def test_a_canteen_that_is_listed_no_longer_goes_with_its_coming_menus(
    larder: Larder, supplier: Supplier, settings_guard_off: None
) -> None:
    supplier.canteens("mensa", "cafe")
    supplier.week("cafe", {YESTERDAY: [dish("Gestern")], TODAY: [dish("Torte")]})
    await run_stream(supplier.source(), "menu")
    supplier.canteens("mensa")

    await run_stream(supplier.source(), "menu")

    assert larder.rows("SELECT slug FROM larder_location WHERE deleted_at IS NULL") == [("mensa",)]
    assert "Torte" not in larder.items()
    assert "Gestern" in larder.items()
    supplier.canteens("mensa", "cafe")
    await run_stream(supplier.source(), "menu")
    assert "Torte" in larder.items()


async def test_price_history_has_one_entry_per_price(larder: Larder, supplier: Supplier) -> None:
    reis = [dish("Nudeln"), dish("Reis", prices={"guests": price(3)})]
    dearer = [dish("Nudeln"), dish("Reis", prices={"guests": price(4, 0.5, "100g")})]
    moved = [dish("Reis", prices={"guests": price(4, 0.5, "100g")}), dish("Nudeln")]
    free_for_students = [dish("Nudeln"), dish("Reis", prices={"students": price(0)})]
    runs = []
    for served in (reis, reis, dearer, moved, free_for_students, reis):
        supplier.week("mensa", {TODAY: served})
        runs.append((await run_stream(supplier.source(), "menu")).run_id)

    history = larder.rows(
        """SELECT c.run_id, o.audience, c.amount, c.per_unit_amount, c.per_unit, c.deleted FROM larder_price_change c
        JOIN larder_offer o ON o.id = c.offer_id JOIN larder_item i ON i.id = o.item_id WHERE i.name = 'Reis'
        ORDER BY c.id"""
    )

    assert history == [
        (runs[0], "GUESTS", Decimal(3), None, None, False),
        (runs[2], "GUESTS", Decimal(4), Decimal("0.5"), "100g", False),
        (runs[4], "GUESTS", Decimal(4), Decimal("0.5"), "100g", True),
        (runs[4], "STUDENTS", Decimal(0), None, None, False),
        (runs[5], "STUDENTS", Decimal(0), None, None, True),
        (runs[5], "GUESTS", Decimal(3), None, None, False),
    ]


async def test_thresholds_follow_the_settings_even_when_the_supplier_is_away(
    larder: Larder, supplier: Supplier
) -> None:
    await run_stream(supplier.source(), "menu")
    del supplier.documents["canteens.json"]
    stricter = replace(supplier.source(), slos={"menu": Slo(1, 2), "price": Slo(3, 4)})

    report = await run_stream(stricter, "menu")

    assert report.state is State.FAILED
    assert larder.rows("SELECT concern, fresh_for_seconds, stale_for_seconds FROM larder_confirmation ORDER BY 1") == [
        ("menu", 1, 2),
        ("price", 3, 4),
    ]


async def test_a_source_whose_address_holds_a_password_is_stored_without_it(larder: Larder, supplier: Supplier) -> None:
    secret = replace(supplier.source(), url=supplier.url.replace("http://", "http://me:secret@"))

    await run_stream(secret, "menu")

    assert larder.value("SELECT account FROM larder_source") == supplier.url


@pytest.mark.parametrize(("hour", "today_is_kept"), [(21, False), (22, True)])
async def test_today_is_the_suppliers_and_begins_at_midnight_in_berlin(
    larder: Larder, supplier: Supplier, settings_guard_off: None, hour: int, today_is_kept: bool
) -> None:
    await run_stream(supplier.source(), "menu")
    supplier.now = supplier.now and supplier.now.replace(hour=hour)
    supplier.week("mensa", {TOMORROW: [dish("Suppe"), dish("Salat", "Vegan")]})

    await run_stream(supplier.source(), "menu")

    assert ("Reis" in larder.items()) is today_is_kept
