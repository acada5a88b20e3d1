"""Several requests in one HTTP request: an array in, an array out, in the same order.

Apollo's request batching (https://www.apollographql.com/docs/graphos/routing/performance/query-batching). It is off
unless set: HTTP carries several requests at once by itself, and answers the quick one first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.endpoint.errors import RequestError, failed_request
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.requests import Batch, GraphQLRequest
from gateway.endpoint.responses import Answer, encode

Run = Callable[[GraphQLRequest, Exchange], Awaitable[Answer | bytes]]
"""Answers one request of a batch, and notes in its exchange what is known of it. Raises ``RequestError``."""


async def answer_batch(batch: Batch, run: Run, exchange: Exchange, finished: Callable[[Exchange], None]) -> bytes:
    """The bodies of all answers as one JSON array. Each request is run beside the others and fails by itself.

    exchange: of the HTTP request. finished: is told of each request of the batch when it is answered.
    """

    async def one(request: GraphQLRequest | RequestError) -> bytes:
        own = Exchange(exchange.method, exchange.path, id=exchange.id)
        body = await body_of(request, run, own)
        own.sent_bytes = len(body)
        finished(own)
        return body

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(request)) for request in batch.requests]
    return b"[" + b",".join(task.result() for task in tasks) + b"]"


async def body_of(request: GraphQLRequest | RequestError, run: Run, own: Exchange) -> bytes:
    """The answer to one request, whatever becomes of it. own: its exchange."""
    if isinstance(request, RequestError):
        refusal = request
    else:
        try:
            found = await run(request, own)
            payload = found.payload if isinstance(found, Answer) else found
            body = payload if isinstance(payload, bytes) else encode(payload)
        except RequestError as error:
            refusal = error
        except Exception as error:  # noqa: BLE001 - a bug in one is not an answer to the others
            refusal = failed_request(error)
        else:
            own.status = 200
            return body
    own.status, own.codes = refusal.status, (refusal.code,)
    return encode(refusal.payload())
