"""The GraphQL endpoint: a bare ASGI application, beside Django rather than in it."""

from __future__ import annotations

from gateway.endpoint.errors import RequestError
from gateway.endpoint.execution import Execution
from gateway.endpoint.requests import Receive, Scope, header, read_request
from gateway.endpoint.responses import JSON, Send, negotiate, send_json, status_of


class GraphQLEndpoint:
    """Serves operations over GET and POST."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        media_type = JSON
        try:
            media_type = negotiate(header(scope, b"accept"))
            request = await read_request(scope, receive)
            answer = await self.execution.run(request)
        except RequestError as error:
            await send_json(send, error.status, error.payload(), media_type, error.headers)
            return
        await send_json(send, status_of(answer, media_type), answer.payload, media_type)
