"""Several requests in one HTTP request: an array in, an array out, in the same order.

Apollo's request batching (https://www.apollographql.com/docs/graphos/routing/performance/query-batching). It is off
unless set: HTTP carries several requests at once by itself, and answers the quick one first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.endpoint.errors import RequestError
from gateway.endpoint.requests import Batch, GraphQLRequest
from gateway.endpoint.responses import Answer, encode

Run = Callable[[GraphQLRequest], Awaitable[Answer | bytes]]
"""Answers one request of a batch. Raises ``RequestError``."""


async def answer_batch(batch: Batch, run: Run) -> bytes:
    """The bodies of all answers as one JSON array. Each request is run beside the others and fails by itself."""

    async def one(request: GraphQLRequest | RequestError) -> bytes:
        if isinstance(request, RequestError):
            return encode(request.payload())
        try:
            found = await run(request)
        except RequestError as error:
            return encode(error.payload())
        payload = found.payload if isinstance(found, Answer) else found
        return payload if isinstance(payload, bytes) else encode(payload)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(request)) for request in batch.requests]
    return b"[" + b",".join(task.result() for task in tasks) + b"]"
