"""When the document is asked for, what it confirms, and what is not believed."""

from __future__ import annotations

from typing import Any

import pytest

from sync.documents import Answer
from sync.protocol import Begin, Checkpoint, End, Event, Failed, Malformed, Mode, Record, Unchanged
from tests.sync.open_delivery.merchants import MERCHANT, NOW, answer, cursor_after, later, merchant, pull, push, said


def seen(events: list[Event]) -> list[str]:
    return list(dict.fromkeys(type(event).__name__ for event in events))


async def had(**changes: Any) -> dict[str, Any]:
    return cursor_after(await pull(answer(merchant(**changes))))


async def test_the_first_run_asks_and_tells_a_complete_snapshot() -> None:
    events = await pull(answer(merchant()))

    assert seen(events) == ["Checkpoint", "Begin", "Record", "End"]
    (begin,) = (event for event in events if isinstance(event, Begin))
    assert begin == Begin("merchant", Mode.SNAPSHOT, MERCHANT, confirms=MERCHANT, guarded=True)
    (end,) = (event for event in events if isinstance(event, End))
    assert end == End(MERCHANT, complete=True, as_of=NOW)


async def test_before_its_ttl_is_over_nothing_is_asked_and_nothing_is_said() -> None:
    assert await pull(cursor=await had(), now=later(599)) == []


async def test_when_its_ttl_is_over_it_is_asked_for_with_its_entity_tag() -> None:
    events = await pull(answer(b"", 304), cursor=await had(), now=later(600))

    assert seen(events) == ["Checkpoint", "Unchanged"]
    (unchanged,) = (event for event in events if isinstance(event, Unchanged))
    assert (unchanged.confirms, unchanged.document, unchanged.guarded) == (MERCHANT, "v1/merchant", (MERCHANT,))


async def test_a_document_that_is_unchanged_begins_its_ttl_anew() -> None:
    cursor = await had()
    renewed = cursor_after(await pull(answer(b"", 304), cursor=cursor, now=later(600)), cursor)

    assert await pull(cursor=renewed, now=later(1_199)) == []
    assert await pull(answer(b"", 304), cursor=renewed, now=later(1_200))


@pytest.mark.parametrize(
    ("ttl", "still", "over"),
    [(500, 499, 500), (86_400, 86_399, 86_400), (60, 499, 500), (10**9, 86_399, 86_400), ("600", 499, 500)],
)
async def test_a_ttl_is_kept_within_what_the_specification_allows(ttl: Any, still: float, over: float) -> None:
    first = await pull(answer(merchant(TTL=ttl)))
    cursor = cursor_after(first)

    assert await pull(cursor=cursor, now=later(still)) == []
    assert await pull(answer(merchant()), cursor=cursor, now=later(over))
    told = [event.rule for event in first if isinstance(event, Malformed)]
    assert told == ([] if ttl in (500, 86_400) else ["TTL must be 500 to 86400 seconds"])


async def test_a_document_of_which_something_was_refused_is_asked_for_in_full_when_its_ttl_is_over() -> None:
    cursor = {**await had(), "published": None}
    del cursor["published"]

    assert await pull(cursor=cursor, now=later(599)) == []
    events = await pull(answer(merchant()), cursor=cursor, now=later(600))

    assert "Begin" in seen(events)


async def test_a_document_that_a_guard_held_is_asked_for_again_at_once() -> None:
    first = await had()
    second = await pull(answer(merchant(itemOffers=[])), cursor=first, now=later(600))
    held = {**cursor_after(second, first), "published": first["published"]}

    events = await pull(answer(merchant(itemOffers=[])), cursor=held, now=later(601))

    assert [event.mode for event in events if isinstance(event, Begin)] == [Mode.SNAPSHOT]


UPDATE = push({"merchantStatus": "UNAVAILABLE"}, later(-60))


@pytest.mark.parametrize("answers", [(answer(merchant()),), ()], ids=["with the document", "by itself"])
async def test_after_a_push_the_document_is_asked_for_in_full(answers: tuple[Answer, ...]) -> None:
    """Its entity tag is that of a document without the push."""
    before = {} if answers else await had()
    cursor = cursor_after(await pull(*answers, cursor=before, pushed=(UPDATE,)), before)

    (failed,) = await pull(answer(b"", 304), cursor=cursor, now=later(600))

    assert isinstance(failed, Failed)
    assert failed.value == "304, which nobody asked for"


async def test_a_push_before_an_unchanged_document_is_published_with_it() -> None:
    events = await pull(answer(b"", 304), cursor=await had(), pushed=(UPDATE,), now=later(600))

    assert [event.mode for event in events if isinstance(event, Begin)] == [Mode.SNAPSHOT]
    assert said(events)["location", MERCHANT].accepting is False


@pytest.mark.parametrize(
    ("body", "status", "rule", "value"),
    [
        (b"", 404, "the merchant must exist", "404"),
        (b"", 403, "the status must be 200, 304 or 404", "403"),
        (b"", 503, "the status must be 200, 304 or 404", "503"),
        (b'{"id": "x"', 200, "a document must be JSON", "Input data was truncated; it starts with {"),
        (b"[]", 200, "a document must have the documented shape", "Expected `object`, got `array`"),
        (b"{}", 200, "a document must have the documented shape", "Object missing required field `id`"),
        (b'{"id": 3}', 200, "a document must have the documented shape", "Expected `str`, got `int` - at `$.id`"),
    ],
)
async def test_a_document_that_cannot_be_read_fails_the_run(body: bytes, status: int, rule: str, value: str) -> None:
    events = await pull(answer(body, status), cursor=await had(), now=later(600))

    (failed,) = events
    assert isinstance(failed, Failed)
    assert (failed.confirms, failed.document, failed.rule) == (None, "v1/merchant", rule)
    assert failed.value.startswith(value)


@pytest.mark.parametrize("field", ["services", "menus", "categories", "items", "itemOffers", "basicInfo"])
async def test_a_document_without_a_required_part_fails_the_run(field: str) -> None:
    document = merchant()
    del document[field]

    (failed,) = await pull(answer(document))

    assert isinstance(failed, Failed)
    assert failed.value == f"Object missing required field `{field}`"


async def test_optional_parts_may_be_missing() -> None:
    document = merchant(services=[], itemOffers=[], categories=[])
    del document["optionGroups"]
    del document["availabilities"]

    assert not [event for event in await pull(answer(document)) if isinstance(event, Malformed | Failed)]


async def test_another_merchant_is_never_taken_for_the_one_known() -> None:
    (failed,) = await pull(answer(merchant(id="another")), cursor=await had(), now=later(600))

    assert isinstance(failed, Failed)
    assert (failed.rule, failed.value) == (f"the merchant must be {MERCHANT}", "another")


async def test_the_operator_may_say_whose_document_it_must_be() -> None:
    (failed,) = await pull(answer(merchant()), merchant_id="mine")

    assert isinstance(failed, Failed)
    assert failed.rule == "the merchant must be mine"


async def test_the_currency_stays_what_it_was() -> None:
    dollars = merchant(basicInfo={"name": "Plaza", "minOrderValue": {"value": 20, "currency": "USD"}})
    for sold in dollars["itemOffers"]:
        sold["price"]["currency"] = "USD"

    events = await pull(answer(dollars), cursor=await had(), now=later(600))

    refused = {event.key: event.rule for event in events if isinstance(event, Malformed)}
    assert refused == dict.fromkeys(
        ("itemOffer/large", "itemOffer/small", "itemOffer/banana"), "currency must be that of the merchant, BRL"
    )


@pytest.mark.parametrize(
    ("told", "rule", "value"),
    [
        ("yesterday", "lastUpdate must be a time such as 2021-05-27T20:45:10.332Z", "'yesterday'"),
        (None, "lastUpdate must be a time such as 2021-05-27T20:45:10.332Z", "None"),
        (
            "2025-10-08T10:00:00Z",
            "lastUpdate must not go back behind 2025-10-08T11:00:00+00:00",
            "2025-10-08T10:00:00+00:00",
        ),
    ],
)
async def test_a_clock_that_cannot_be_right_is_told_and_the_document_is_read(told: Any, rule: str, value: str) -> None:
    events = await pull(answer(merchant(lastUpdate=told)), cursor=await had(), now=later(600))

    (note,) = (event for event in events if isinstance(event, Malformed))
    assert (note.scope, note.key, note.rule, note.value) == ("v1/merchant", "lastUpdate", rule, value)
    assert len([event for event in events if isinstance(event, Record)]) == 37


async def test_a_cursor_of_another_reading_is_as_good_as_none() -> None:
    cursor = await had()
    cursor["merchant"]["reading"] = 0

    assert "Begin" in seen(await pull(answer(merchant()), cursor=cursor, now=later(1)))


async def test_the_same_answers_make_the_same_events() -> None:
    assert await pull(answer(merchant())) == await pull(answer(merchant()))


async def test_the_last_checkpoint_stands_for_the_snapshot() -> None:
    *_, last = await pull(answer(merchant()))

    assert last == Checkpoint(
        MERCHANT, {"published": {"asked_at": NOW.isoformat(), "etag": '"1"'}}, document="v1/merchant"
    )
