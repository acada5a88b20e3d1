"""Batches: answers in the order of the requests, each for itself."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from gateway.endpoint.batching import answer_batch
from gateway.endpoint.errors import RequestError
from gateway.endpoint.requests import Batch, GraphQLRequest
from gateway.endpoint.responses import Answer

NAMES = ("slow", "quick", "refused", "bytes")
BATCH = Batch((*(GraphQLRequest({"query": name}) for name in NAMES), RequestError(400, "BAD_REQUEST", "malformed")))


async def test_each_request_has_its_own_answer_in_order() -> None:
    quick = asyncio.Event()
    ended = []

    async def run(request: GraphQLRequest) -> Answer | bytes:
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

    body = await answer_batch(BATCH, run)

    assert ended[-1] == "slow"
    assert orjson.loads(body) == [
        {"data": "slow"},
        {"data": {"name": "quick"}},
        {"errors": [{"message": "refused", "extensions": {"code": "PERSISTED_QUERY_NOT_IN_LIST"}}]},
        {"data": "bytes"},
        {"errors": [{"message": "malformed", "extensions": {"code": "BAD_REQUEST"}}]},
    ]


async def test_what_nobody_expects_ends_the_others() -> None:
    cancelled = []

    async def run(request: GraphQLRequest) -> Answer:
        if request.parameters["query"] == "refused":
            raise ZeroDivisionError
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(request.parameters["query"])
        raise AssertionError

    with pytest.raises(ExceptionGroup) as caught:
        await answer_batch(BATCH, run)

    assert caught.group_contains(ZeroDivisionError)
    assert sorted(cancelled) == ["bytes", "quick", "slow"]
