"""What an answer depends on, as plans and resolvers tell it: heads, the next change by the clock, or why neither."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg
import pytest
import strawberry
from graphql import parse

from loaders.context import OperationContext
from loaders.fetches import Fetch
from loaders.fetching import FetchAll
from loaders.fields import argument, computed, larder_type, lookup, resolved
from loaders.session import ReadSession
from loaders.stamps import Stamp, Tracking
from plans.answers import PlanAnswer
from plans.cacheable import uncacheable
from schema.root import schema as shipped
from sync.heads import CONFIRMATION_HEAD, CONFIRMED_HEAD
from sync.models import Head
from sync.tracking import tracked_tables
from tests.equality.damage import damaged
from tests.library import fetches, models
from tests.library.schema import schema as library_schema
from tests.pantry import Pantry, stocked
from tests.plans.planning import Planning, planning

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
PRICES = '{ location(slug: "mensa") { menus(from: "2026-01-01") { sections { items { prices { id } } } } } }'


@dataclass(frozen=True, slots=True)
class Asking:
    """Both executors. why: the resolvers' reason for the last answer without a stamp."""

    planning: Planning
    tracking: Tracking

    async def plan(self, query: str, instant: datetime | None = None, **variables: Any) -> PlanAnswer:
        found = await self.planning.engine.execute(query, variables, instant=instant, stamp=True)
        assert found is not None, self.planning.engine.counters
        return found

    async def resolvers(self, query: str, instant: datetime | None = None) -> tuple[Stamp | None, str | None]:
        async with ReadSession(self.planning.lanes, instant=instant, tracking=self.tracking) as session:
            result = await self.planning.engine.schema.execute(query, context_value=OperationContext(session))
            assert not result.errors, result.errors
            stamp = await session.stamp()
            assert session.noted is not None
            return stamp, session.noted.uncacheable

    async def both(self, query: str, instant: datetime | None = None) -> Stamp:
        """The stamp on which both agree."""
        plan, (stamp, why) = (await self.plan(query, instant)).stamp, await self.resolvers(query, instant)
        assert stamp is not None, why
        assert plan is not None
        assert (plan.heads, plan.changes_at) == (stamp.heads, stamp.changes_at)
        return stamp


async def tracking(database_url: str) -> Tracking:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        return Tracking(Head._meta.db_table, await tracked_tables(connection))


@asynccontextmanager
async def asking(
    database_url: str, *, schema: strawberry.Schema = shipped, untracked: str | None = None
) -> AsyncIterator[Asking]:
    found = await tracking(database_url)
    known = replace(found, tables={table: heads for table, heads in found.tables.items() if table != untracked})
    async with planning(database_url, schema=schema, heads_table=Head._meta.db_table, tracking=known) as made:
        yield Asking(made, known)


def one_item(pantry: Pantry, **offer: Any) -> None:
    location = pantry.location("mensa")
    section = pantry.section(pantry.menu(location), "main")
    item = pantry.item(location, "soup")
    pantry.place(item, section)
    pantry.offer(item, "1", **offer)


# By the clock


@pytest.mark.parametrize(
    ("offer", "instant", "changes_at"),
    [
        ({"valid_from": NOON + HOUR}, NOON, NOON + HOUR),
        ({"valid_from": NOON + HOUR}, NOON + HOUR - TICK, NOON + HOUR),
        ({"valid_from": NOON}, NOON, None),
        ({"valid_until": NOON + TICK}, NOON, NOON + TICK),
        ({"valid_from": NOON - HOUR, "valid_until": NOON + HOUR}, NOON, NOON + HOUR),
        ({"valid_from": NOON + HOUR, "valid_until": NOON + 2 * HOUR}, NOON, NOON + HOUR),
        ({"valid_until": NOON}, NOON, None),
        ({}, NOON, None),
    ],
)
async def test_offers_come_and_go(
    store: str, offer: dict[str, datetime], instant: datetime, changes_at: datetime | None
) -> None:
    def fill(pantry: Pantry) -> None:
        one_item(pantry, **offer)

    await stocked(fill)
    query = '{ items(ids: []) { id } search(text: "soup") { nodes { prices { id } } } }'

    async with asking(store) as ask:
        assert (await ask.both(query, instant)).changes_at == changes_at


async def test_an_offer_of_an_item_that_is_not_in_the_answer_counts_where_offers_are_asked_for(store: str) -> None:
    def fill(pantry: Pantry) -> None:
        one_item(pantry)
        pantry.offer(pantry.item(pantry.location("other"), "tea"), "1", valid_from=NOON + HOUR)

    await stocked(fill)

    async with asking(store) as ask:
        asked = await ask.both('{ search(text: "soup") { nodes { prices { id } } } }', NOON)
        unasked = await ask.both('{ search(text: "soup") { nodes { name } } }', NOON)

    assert (asked.changes_at, unasked.changes_at) == (NOON + HOUR, None)
    assert "larder_offer" in asked.heads
    assert "larder_offer" not in unasked.heads


@pytest.mark.parametrize(
    ("field", "age", "until", "changes_in"),
    [
        ("state", timedelta(seconds=5), None, timedelta(seconds=55) + TICK),
        ("state", timedelta(seconds=60), None, TICK),
        ("state", timedelta(seconds=61), None, timedelta(seconds=539) + TICK),
        ("state", timedelta(days=30), None, None),
        ("state", timedelta(seconds=5), timedelta(seconds=7), timedelta(seconds=7)),
        ("state", timedelta(seconds=5), -HOUR, timedelta(seconds=55) + TICK),
        ("until", timedelta(seconds=5), timedelta(seconds=7), timedelta(seconds=7)),
        ("until", timedelta(seconds=5), timedelta(0), None),
        ("freshness { status }", timedelta(seconds=5), timedelta(seconds=7), timedelta(seconds=55) + TICK),
        ("quantity", timedelta(seconds=5), timedelta(seconds=7), None),
    ],
)
async def test_states_end_and_values_age(
    store: str, field: str, age: timedelta, until: timedelta | None, changes_in: timedelta | None
) -> None:
    def fill(pantry: Pantry) -> None:
        pantry.confirmed_at = NOON - age
        item = pantry.item(pantry.location("mensa"), "soup")
        pantry.availability(item, "SOLD_OUT", until=None if until is None else NOON + until)

    await stocked(fill)

    async with asking(store) as ask:
        found = await ask.both(f'{{ search(text: "soup") {{ nodes {{ availability {{ {field} }} }} }} }}', NOON)

    assert found.changes_at == (None if changes_in is None else NOON + changes_in)


@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, tzinfo=UTC)),
        ("America/Santiago", datetime(2026, 9, 5, tzinfo=UTC)),
        ("America/Santiago", datetime(2026, 4, 4, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 10, 31, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 3, 7, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 1, 1, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
async def test_the_day_ends_no_later_than_it_is_said_to(store: str, zone: str, around: datetime) -> None:
    await stocked(lambda pantry: pantry.location("mensa", timezone=zone))

    async with asking(store) as ask:
        for hours in range(0, 72, 5):
            instant = around + timedelta(hours=hours, minutes=30)
            found = await ask.both('{ location(slug: "mensa") { menus { id } } }', instant)
            assert found.changes_at is not None
            day = instant.astimezone(ZoneInfo(zone)).date()
            last = found.changes_at - TICK
            assert last.astimezone(ZoneInfo(zone)).date() == day
            # Early by an hour at most: on days whose clocks change.
            assert (found.changes_at + HOUR).astimezone(ZoneInfo(zone)).date() > day


async def test_a_location_without_a_time_zone_costs_nobody_an_answer(store: str) -> None:
    def fill(pantry: Pantry) -> None:
        one_item(pantry)
        pantry.location("nowhere", timezone="Mars/Olympus")

    query = '{ location(slug: "mensa") { name menus { id } } }'

    with damaged(store, ["ALTER TABLE larder_location DROP CONSTRAINT larder_location_zone"]):
        await stocked(fill)
        async with asking(store) as ask:
            first, second = await ask.plan(query), await ask.plan(query)
            stamp, why = await ask.resolvers(query)
            reference = await ask.planning.reference(query)

    assert first.body == second.body == reference
    assert first.stamp is second.stamp is stamp is None
    assert first.uncacheable == "what tells when rows change failed: InvalidParameterValue"
    assert why == "the store failed: InvalidParameterValue"
    assert not ask.planning.engine.counters.deopts


# Heads


@pytest.mark.parametrize(
    ("fields", "heads"),
    [
        ("status", {CONFIRMATION_HEAD}),
        ("asOf", {CONFIRMATION_HEAD, CONFIRMED_HEAD}),
        ("confirmedAt", {CONFIRMATION_HEAD, CONFIRMED_HEAD}),
        ("source", {CONFIRMATION_HEAD}),
        ("... on Freshness { status ...F }", {CONFIRMATION_HEAD, CONFIRMED_HEAD}),
    ],
)
async def test_only_who_asks_for_the_times_depends_on_them(store: str, fields: str, heads: set[str]) -> None:
    await stocked(one_item)
    query = f'{{ location(slug: "mensa") {{ freshness {{ {fields} }} }} }}'
    if "...F" in fields:
        query += " fragment F on Freshness { confirmedAt }"

    async with asking(store) as ask:
        assert set((await ask.both(query)).heads) == {"larder_location", *heads}


@pytest.mark.parametrize(
    ("field", "heads"),
    [("status", {CONFIRMATION_HEAD}), ("confirmedAt asOf", {CONFIRMATION_HEAD, CONFIRMED_HEAD})],
)
async def test_the_summary_of_sources_too(store: str, field: str, heads: set[str]) -> None:
    await stocked(one_item)

    async with asking(store) as ask:
        assert set((await ask.both(f"{{ freshness {{ {field} }} }}")).heads) == heads


async def test_versions_are_those_of_the_snapshot(store: str) -> None:
    await stocked(one_item)
    query = '{ location(slug: "mensa") { name } }'

    async with asking(store) as ask:
        before = await ask.both(query)
        with psycopg.connect(store, autocommit=True) as connection:
            connection.execute("UPDATE larder_location SET name = 'other'")
        after = await ask.both(query)

    assert after.heads == {"larder_location": before.heads["larder_location"] + 1}


async def test_a_table_that_nobody_tracks_keeps_answers_from_being_kept(store: str) -> None:
    await stocked(one_item)
    query, reason = '{ location(slug: "mensa") { menus { id } } }', "nobody tracks what is written to larder_menu"

    async with asking(store, untracked="larder_menu") as ask:
        found, resolved_ = await ask.plan(query), await ask.resolvers(query)
        other = await ask.plan('{ location(slug: "mensa") { name } }')
        ask.planning.engine.track(await tracking(store))
        tracked = await ask.plan(query)

    assert (found.stamp, found.uncacheable) == (None, reason)
    assert resolved_ == (None, reason)
    assert other.stamp is not None
    assert tracked.stamp is not None


async def test_a_head_of_another_name_stands_for_its_table(store: str) -> None:
    await stocked(one_item)
    found = await tracking(store)
    named = replace(found, tables={**found.tables, "larder_location": ("places", "larder_location.name")})

    async with planning(store, heads_table=Head._meta.db_table, tracking=named) as made:
        answer = await made.engine.execute('{ location(slug: "mensa") { slug } }', stamp=True)

    assert answer is not None
    assert set(answer.heads) == {"places"}


async def test_a_table_is_tracked_when_every_event_bumps_its_head(store: str) -> None:
    found = await tracking(store)
    assert found.tables["larder_item"] == ("larder_item",)
    assert found.tables[CONFIRMATION_HEAD] == (CONFIRMATION_HEAD, CONFIRMED_HEAD)
    assert "larder_sync_run" not in found.tables

    async with await psycopg.AsyncConnection.connect(store) as connection:
        await connection.execute("DROP TRIGGER larder_head_truncate ON larder_item")
        await connection.execute("ALTER TABLE larder_menu DISABLE TRIGGER larder_head_update")
        fewer = await tracked_tables(connection)
        await connection.rollback()

    assert set(found.tables) - set(fewer) == {"larder_item", "larder_menu"}


# What cannot be kept


def later(name: str, *, instant: datetime) -> str:
    return f"{name} {instant:%Y}"


def failing(name: str, *, instant: datetime) -> datetime:
    raise ZeroDivisionError


def past(name: str, *, instant: datetime) -> datetime:
    return instant


@larder_type(models.Branch)
class Branch:
    code: str
    silent: str = computed(later, ["name"], "Never says.", reads_instant=True)
    failing: str = computed(later, ["name"], "Fails.", reads_instant=True, changes_at=failing)
    past: str = computed(later, ["name"], "Has changed.", reads_instant=True, changes_at=past)


def branches(name: str, order: str, **options: Any) -> Fetch:
    return Fetch(name, models.Branch, "id", None, True, lambda _: models.Branch.objects.order_by(order), **options)


@strawberry.type
class Query:
    branch: Branch | None = lookup(fetches.branch_by_code, argument("code", str, "Its code."), "A branch.")
    random: list[Branch] = resolved(FetchAll(branches("random_branches", "?")), "In any order.")
    silent: list[Branch] = resolved(
        FetchAll(branches("silent_branches", "id", reads_instant=True)), "Who knows until when."
    )

    @strawberry.field
    def motto(self) -> str:
        return "read"


schema = strawberry.Schema(query=Query)


@pytest.mark.parametrize(
    ("query", "reason", "statically"),
    [
        (
            '{ branch(code: "B0") { silent } }',
            "the computed value later reads the instant and does not tell when it changes",
            True,
        ),
        ('{ branch(code: "B0") { failing } }', "changes_at of later failed: ZeroDivisionError", False),
        ('{ branch(code: "B0") { past } }', "later changes at 2026-03-10 12:00:00+00:00, which is not after", False),
        ("{ random { code } }", "a statement that calls random", False),
        ("{ silent { code } }", "the fetch silent_branches reads the instant and does not tell when it changes", True),
    ],
)
async def test_what_cannot_be_known_is_answered_and_not_kept(
    library: str, query: str, reason: str, *, statically: bool
) -> None:
    async with asking(library, schema=schema) as ask:
        found = await ask.plan(query, NOON)
        stamp, why = await ask.resolvers(query, NOON)

    assert found.body is not None
    assert found.stamp is stamp is None
    for told in (found.uncacheable, why):
        assert told is not None
        assert told.startswith(reason)
    assert statically is (uncacheable(schema, parse(query)) is not None)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("{ motto }", "motto: a resolver of its own"),
        ('{ branch(code: "a") { code } a: branch(code: "b") { ...F } } fragment F on Branch { c: silent }', "a.c: the"),
        ("{ __schema { queryType { name } } }", "__schema: introspection"),
        ('{ branch(code: "a") { __typename code @skip(if: true) } __typename }', None),
        ("query A { motto } query B { __typename }", None),
    ],
)
def test_the_document_tells_beforehand(query: str, reason: str | None) -> None:
    found = uncacheable(schema, parse(query), "B" if "query B" in query else None)

    assert found == reason or (found is not None and reason is not None and found.startswith(reason))


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ('{ reader(card: "R001") { balance } }', "reader.balance: a permission"),
        ('{ book(id: "x") { loudTitle } }', "book.loudTitle: a field extension"),
        ("{ books(first: 1) { totalCount nodes { title } pageInfo { endCursor } edges { cursor } } }", None),
        ('{ work(id: "x") { title ... on Book { spine } } }', "work.spine: a resolver of its own"),
        ('{ reader(card: "R001") { age overdue { overdue } } }', None),
    ],
)
def test_the_librarys_documents_tell_beforehand(query: str, reason: str | None) -> None:
    assert uncacheable(library_schema, parse(query)) == reason


def test_fragments_that_spread_each_other_are_walked_once() -> None:
    spreads = "".join(
        f"fragment F{n} on Branch {{ ...F{n + 1} ...F{n + 1} a{n}: code ...F{n + 1} }} " for n in range(60)
    )
    query = f'{{ branch(code: "a") {{ ...F0 }} }} {spreads} fragment F60 on Branch {{ code }}'

    assert uncacheable(schema, parse(query)) is None


async def test_nothing_is_told_unless_asked_for(store: str) -> None:
    await stocked(one_item)

    async with asking(store) as ask:
        operation = ask.planning.engine.operation('{ location(slug: "mensa") { menus { id } } }', None)
        plain = await ask.planning.engine.run_prepared(operation)
        stamped = await ask.planning.engine.run_prepared(operation, stamp=True)

    assert plain is not None
    assert stamped is not None
    assert (plain.stamp, plain.uncacheable) == (None, "nobody asked for a stamp")
    assert stamped.stamp == Stamp(stamped.heads, stamped.instant, stamped.changes_at)
    assert min(plain.db_seconds, plain.fold_seconds, stamped.db_seconds, stamped.fold_seconds) > 0
    assert orjson.loads(stamped.body or b"") == orjson.loads(plain.body or b"")
