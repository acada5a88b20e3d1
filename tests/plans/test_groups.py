"""Batch groups: who shares a pipeline with whom, and what one request's fate means for the others."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
import strawberry
from strawberry.scalars import JSON

from loaders.errors import StoreBusy, StoreUnavailable
from loaders.fields import argument, column, computed, larder_type, lookup
from loaders.recording import recording
from plans.groups import Groups
from plans.plan import FEWEST_MEMBERS, GROUP_ROWS, MEMBERS
from tests.library import fetches, models
from tests.pantry import Pantry, stocked, storefront
from tests.plans.planning import Failing, Gate, Planning, Slow, planning

PAGE = "query ($slug: String!) { location(slug: $slug) { slug menus { name sections { name } } } }"
PAGE_STATEMENTS = 3
SINCE = "query ($slug: String!, $from: Date) { location(slug: $slug) { slug menus(from: $from) { name } } }"
DISHES = "query ($slug: String!) { location(slug: $slug) { menus { sections { items { name } } } } }"
NAME = "query ($slug: String!) { location(slug: $slug) { slug } }"


def slugs(count: int) -> list[str]:
    return [f"l{number}" for number in range(count)]


async def stock(count: int) -> None:
    def fill(pantry: Pantry) -> None:
        for slug in slugs(count):
            storefront(pantry, slug, items=0)

    await stocked(fill)


def gated(made: Planning) -> Gate:
    """The engine's groups on lanes that stay closed."""
    gate = Gate(made.plan_lanes)
    made.engine.groups.lanes = gate
    return gate


async def settle() -> None:
    """Let every task come to the point where it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_requests_at_once_share_pipelines_eight_keys_each(store: str) -> None:
    await stock(64)

    async with planning(store) as made:
        answers = await asyncio.gather(*(made.answer(PAGE, slug=slug) for slug in slugs(64)))

        assert answers == [await made.reference(PAGE, slug=slug) for slug in slugs(64)]
        assert made.engine.counters.answered == 64
        assert made.engine.counters.pipelines == 64 // MEMBERS
        assert made.engine.counters.statements == PAGE_STATEMENTS * 64 // MEMBERS


@pytest.mark.slow
async def test_fewer_keys_share_a_pipeline_of_many_rows(store: str) -> None:
    def fill(pantry: Pantry) -> None:
        for slug in slugs(8):
            storefront(pantry, slug, items=GROUP_ROWS // 2)

    await stocked(fill)
    async with planning(store) as made:
        first = await made.answer(DISHES, slug="l0")
        made.engine.groups.pipelines = 0

        answers = await asyncio.gather(*(made.answer(DISHES, slug=slug) for slug in slugs(8)))

        assert answers[0] == first == await made.reference(DISHES, slug="l0")
        assert made.engine.counters.pipelines == 8 // FEWEST_MEMBERS


async def test_requests_for_the_same_key_are_one_lookup(store: str) -> None:
    await stock(3)

    async with planning(store) as made:
        answers = await asyncio.gather(*(made.answer(PAGE, slug=f"l{number % 3}") for number in range(64)))

        assert answers == [await made.reference(PAGE, slug=f"l{number % 3}") for number in range(64)]
        assert made.engine.counters.pipelines == 1
        assert made.engine.counters.statements == PAGE_STATEMENTS


async def test_a_full_group_still_takes_a_key_that_it_has(store: str) -> None:
    await stock(9)

    async with planning(store) as made:
        gate = gated(made)
        waiting = [asyncio.create_task(made.engine.execute(NAME, {"slug": slug})) for slug in [*slugs(8), "l0", "l8"]]
        await settle()
        gate.opened.set()
        answers = await asyncio.gather(*waiting)

    assert gate.asked == 2
    assert [answer.members for answer in answers if answer] == [8] * 9 + [1]


async def test_a_group_is_open_until_a_lane_is_free(store: str) -> None:
    await stock(2)

    async with planning(store) as made:
        gate = gated(made)
        early = asyncio.create_task(made.answer(NAME, slug="l0"))
        await asyncio.sleep(0.02)
        late = asyncio.create_task(made.answer(NAME, slug="l1"))
        await settle()
        gate.opened.set()

        assert [await early, await late] == [await made.reference(NAME, slug=slug) for slug in ("l0", "l1")]
        assert made.engine.counters.pipelines == 1


async def test_a_group_that_was_sent_takes_nobody_in(store: str) -> None:
    await stock(2)

    async with planning(store) as made:
        slow = made.engine.groups.lanes = Slow(made.plan_lanes)
        sent = asyncio.create_task(made.answer(NAME, slug="l0"))
        await settle()
        late = [asyncio.create_task(made.answer(NAME, slug=slug)) for slug in ("l0", "l1")]
        await settle()
        slow.opened.set()

        assert [await sent, *[await request for request in late]] == [
            await made.reference(NAME, slug=slug) for slug in ("l0", "l0", "l1")
        ]
        assert made.engine.counters.pipelines == 2


async def test_other_arguments_are_not_shared(store: str) -> None:
    await stock(2)
    days = ["2030-01-01", "2030-01-02", "2030-01-01", None]

    async with planning(store) as made:
        answers = await asyncio.gather(*(made.answer(SINCE, slug="l0", **{"from": day}) for day in days))

        assert answers == [await made.reference(SINCE, slug="l0", **{"from": day}) for day in days]
        assert made.engine.counters.pipelines == 3


async def test_other_instants_are_not_shared(store: str) -> None:
    await stock(1)
    instants = [datetime(2030, 1, day, tzinfo=UTC) for day in (1, 2, 2)]

    async with planning(store) as made:
        found = await asyncio.gather(
            *(made.engine.execute(NAME, {"slug": "l0"}, instant=instant) for instant in instants)
        )

        assert [answer.instant for answer in found if answer] == instants
        assert made.engine.counters.pipelines == 2


async def test_a_group_has_one_instant(store: str) -> None:
    await stock(2)

    async with planning(store) as made:
        found = await asyncio.gather(*(made.engine.execute(NAME, {"slug": slug}) for slug in slugs(2)))

        assert len({answer.instant for answer in found if answer}) == 1


async def test_several_lookups_are_shared_only_as_a_whole(store: str) -> None:
    await stock(3)
    query = "query ($a: String!, $b: String!) { a: location(slug: $a) { slug } b: location(slug: $b) { slug } }"
    pairs = [("l0", "l1"), ("l0", "l1"), ("l1", "l0"), ("l0", "l2")]

    async with planning(store) as made:
        answers = await asyncio.gather(*(made.answer(query, a=a, b=b) for a, b in pairs))

        assert answers == [await made.reference(query, a=a, b=b) for a, b in pairs]
        assert made.engine.counters.pipelines == 3


async def test_without_batching_every_request_has_a_pipeline(store: str) -> None:
    await stock(1)

    async with planning(store, batching=False) as made:
        answers = await asyncio.gather(*(made.answer(NAME, slug="l0") for _ in range(5)))

        assert set(answers) == {await made.reference(NAME, slug="l0")}
        assert made.engine.counters.pipelines == 5


async def test_a_cancelled_request_harms_nobody_and_asks_for_nothing(store: str) -> None:
    await stock(3)

    async with planning(store) as made:
        gate = gated(made)
        waiting = [asyncio.create_task(made.engine.execute(NAME, {"slug": slug})) for slug in slugs(3)]
        await settle()
        waiting[0].cancel()
        await settle()
        gate.opened.set()
        gone, *answers = await asyncio.gather(*waiting, return_exceptions=True)

        assert isinstance(gone, asyncio.CancelledError)
        assert [answer.body for answer in answers if not isinstance(answer, BaseException) and answer] == [
            await made.reference(NAME, slug=slug) for slug in slugs(3)[1:]
        ]
        assert {answer.members for answer in answers if not isinstance(answer, BaseException) and answer} == {2}


async def test_one_of_two_requests_for_the_same_key_may_be_cancelled(store: str) -> None:
    await stock(1)

    async with planning(store) as made:
        gate = gated(made)
        waiting = [asyncio.create_task(made.answer(NAME, slug="l0")) for _ in range(2)]
        await settle()
        waiting[0].cancel()
        gate.opened.set()

        assert await waiting[1] == await made.reference(NAME, slug="l0")


async def test_nothing_is_sent_when_everybody_is_gone(store: str) -> None:
    await stock(2)

    async with planning(store) as made:
        gate = gated(made)
        waiting = [asyncio.create_task(made.answer(NAME, slug=slug)) for slug in slugs(2)]
        await settle()
        for request in waiting:
            request.cancel()
        gate.opened.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        await settle()

        assert made.engine.counters.pipelines == 0
        assert await made.answer(NAME, slug="l0") == await made.reference(NAME, slug="l0")


async def test_each_request_has_its_own_deadline(store: str) -> None:
    await stock(2)

    async with planning(store) as made:
        gate, groups = gated(made), made.engine.groups
        groups.deadline_seconds = 0.05
        impatient = asyncio.create_task(made.answer(NAME, slug="l0"))
        await settle()
        groups.deadline_seconds = 30
        patient = asyncio.create_task(made.engine.execute(NAME, {"slug": "l1"}))
        await settle()

        with pytest.raises(StoreBusy):
            await asyncio.wait_for(impatient, 10)
        gate.opened.set()
        answer = await patient

        assert gate.asked == 1
        assert answer is not None
        assert answer.members == 1
        assert answer.body == await made.reference(NAME, slug="l1")


async def test_an_error_is_told_to_everybody(store: str) -> None:
    await stock(2)

    async with planning(store) as made:
        made.engine.groups.lanes = Failing(made.plan_lanes, StoreUnavailable())
        found = await asyncio.gather(
            *(made.answer(NAME, slug=slug) for slug in ("l0", "l1", "l1")), return_exceptions=True
        )

    assert [type(error) for error in found] == [StoreUnavailable] * 3


async def test_nobody_joins_a_group_that_has_failed_before_it_was_sent(store: str) -> None:
    await stock(1)

    async with planning(store, deadline_seconds=2) as made:
        made.engine.groups.lanes = Failing(made.plan_lanes, StoreBusy())
        with pytest.raises(StoreBusy):
            await made.answer(NAME, slug="l0")

        assert await made.answer(NAME, slug="l0") == await made.reference(NAME, slug="l0")


async def test_a_group_that_is_stopped_tells_everybody(store: str) -> None:
    await stock(1)

    async with planning(store) as made:
        gated(made)
        waiting = asyncio.create_task(made.answer(NAME, slug="l0"))
        await settle()
        groups: Groups = made.engine.groups
        for task in groups._tasks:
            task.cancel()

        with pytest.raises(StoreBusy):
            await waiting


async def test_a_recording_has_every_statement_of_a_group_once(store: str) -> None:
    await stock(2)

    async with planning(store) as made:
        with recording() as recorded:
            await asyncio.gather(*(made.answer(PAGE, slug=slug) for slug in slugs(2)))

    assert [sent.paths for sent in recorded.statements] == [
        ("location",),
        ("location.menus",),
        ("location.menus[].sections",),
    ]


@larder_type(models.Author)
class Echo:
    name: str = column("Name.")
    said: str = computed(
        lambda _, *, value=None: repr(value), ["name"], "Its argument.", takes=[argument("value", JSON | None, "Any.")]
    )
    amount: str = computed(
        lambda _, *, of: str(of), ["name"], "Its argument.", takes=[argument("of", Decimal, "An amount.")]
    )


@strawberry.type
class EchoQuery:
    author: Echo = lookup(fetches.author_by_id, argument("id", strawberry.ID, "Its id."), "An author that exists.")


ECHO = strawberry.Schema(query=EchoQuery)


@pytest.mark.parametrize("values", [[{"a": 1}, {"a": 2}], [[{}], [[]]], [{}, {}], [1, True], ["1", 1]])
async def test_arguments_that_are_not_hashable_are_not_mixed_up(library: str, values: list[Any]) -> None:
    query = "query ($value: JSON) { author(id: 1) { said(value: $value) } }"

    async with planning(library, schema=ECHO) as made:
        answers = await asyncio.gather(*(made.answer(query, value=value) for value in values))

    assert [orjson.loads(answer or b"") for answer in answers] == [
        {"data": {"author": {"said": repr(value)}}} for value in values
    ]


async def test_arguments_that_are_equal_but_not_the_same_are_not_mixed_up(library: str) -> None:
    query = "query ($of: Decimal!) { author(id: 1) { amount(of: $of) } }"

    async with planning(library, schema=ECHO) as made:
        answers = await asyncio.gather(*(made.answer(query, of=of) for of in ("1.0", "1.00")))

    assert [orjson.loads(answer or b"") for answer in answers] == [
        {"data": {"author": {"amount": amount}}} for amount in ("1.0", "1.00")
    ]


async def test_a_null_in_one_answer_leaves_the_others_alone(library: str) -> None:
    query = "query ($id: ID!) { author(id: $id) { name } }"

    async with planning(library, schema=ECHO) as made:
        answers = await asyncio.gather(*(made.answer(query, id=number) for number in ("998", "1", "999", "2")))

        assert answers == [None, await made.reference(query, id="1"), None, await made.reference(query, id="2")]
        assert made.engine.counters.pipelines == 1
        assert made.engine.counters.deopts == {"a null where the schema takes none": 2}


@pytest.mark.parametrize("values", [["a", "b"], ["a", None], ["a", 1]])
async def test_a_variable_inside_a_value_is_read_as_the_resolver_path_reads_it(library: str, values: list[Any]) -> None:
    query = "query ($part: JSON, $text: String) { author(id: 1) { said(value: {part: [$part], text: $text}) } }"

    async with planning(library, schema=ECHO) as made:
        for value in values:
            variables = {"part": value, "text": "t"}
            assert await made.answer(query, **variables) == await made.reference(query, **variables)


async def test_a_text_variable_inside_a_value(library: str) -> None:
    query = "query ($text: String) { author(id: 1) { said(value: {text: $text}) } }"

    async with planning(library, schema=ECHO) as made:
        for variables in ({"text": "t"}, {"text": None}, {}):
            assert await made.answer(query, **variables) == await made.reference(query, **variables)
