"""Batches: answers in the order of the requests, each for itself."""

from __future__ import annotations

import asyncio

import orjson

from gateway.endpoint.batching import answer_batch
from gateway.endpoint.errors import FAILED, RequestError
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.requests import Batch, GraphQLRequest
from gateway.endpoint.responses import Answer

NAMES = ("slow", "quick", "refused", "bytes")
BATCH = Batch((*(GraphQLRequest({"query": name}) for name in NAMES), RequestError(400, "BAD_REQUEST", "malformed")))


async def test_each_request_has_its_own_answer_in_order() -> None:
    quick = asyncio.Event()
    ended = []

    async def run(request: GraphQLRequest, _: Exchange) -> Answer | bytes:
        name = request.parameters["query"]
        if name == "slow":
            await quick.wait()
        ended.append(name)
        if name == "quick":
            quick.set()
            return Answer({"data": {"name": name}}, executed=True)
        if name == "refused":
            raise RequestError(404, "PERSISTED_QUERY_NOT_IN_LIST", "refused")
        return Answer(b'{"data":"slow"}', executed=True) if name == "slow" else b'{"data":"bytes"}'

    body = await answer_batch(BATCH, run, Exchange("POST", "/graphql"), lambda _: None)

    assert ended[-1] == "slow"
    assert orjson.loads(body) == [
        {"data": "slow"},
        {"data": {"name": "quick"}},
        {"errors": [{"message": "refused", "extensions": {"code": "PERSISTED_QUERY_NOT_IN_LIST"}}]},
        {"data": "bytes"},
        {"errors": [{"message": "malformed", "extensions": {"code": "BAD_REQUEST"}}]},
    ]


async def test_a_bug_in_one_fails_that_one_alone() -> None:
    async def run(request: GraphQLRequest, _: Exchange) -> Answer:
        name = request.parameters["query"]
        if name == "refused":
            raise ZeroDivisionError
        # Bytes are no JSON.
        return Answer({"data": b"" if name == "bytes" else name}, executed=True)

    body = await answer_batch(BATCH, run, Exchange("POST", "/graphql"), lambda _: None)

    failed = {"errors": [{"message": FAILED, "extensions": {"code": "INTERNAL_ERROR"}}]}
    slow, quick, *others, malformed = orjson.loads(body)
    assert (slow, quick, others) == ({"data": "slow"}, {"data": "quick"}, [failed, failed])
    assert malformed["errors"][0]["message"] == "malformed"


async def test_each_request_is_told_of_once() -> None:
    exchange = Exchange("POST", "/graphql")
    told: list[Exchange] = []

    async def run(request: GraphQLRequest, own: Exchange) -> Answer | bytes:
        own.operation = name = request.parameters["query"]
        if name == "refused":
            raise RequestError(404, "PERSISTED_QUERY_NOT_IN_LIST", "refused")
        if name == "slow":
            raise ZeroDivisionError
        own.cache, own.codes = "miss", ("BAD_ARGUMENT",) if name == "quick" else ()
        return b"12345"

    body = await answer_batch(BATCH, run, exchange, told.append)

    assert {one.id for one in told} == {exchange.id}
    assert sorted((one.operation or "", one.status, one.cache, one.codes) for one in told) == [
        ("", 400, "", ("BAD_REQUEST",)),
        ("bytes", 200, "miss", ()),
        ("quick", 200, "miss", ("BAD_ARGUMENT",)),
        ("refused", 404, "", ("PERSISTED_QUERY_NOT_IN_LIST",)),
        ("slow", 500, "", ("INTERNAL_ERROR",)),
    ]
    assert {one.operation: one.sent_bytes for one in told}["quick"] == 5
    assert sum(one.sent_bytes for one in told) == len(body) - len("[,,,,]")
