"""The GraphQL endpoint: a bare ASGI application, beside Django rather than in it."""

from __future__ import annotations

from functools import partial

from gateway.endpoint.documents import Documents
from gateway.endpoint.errors import RequestError
from gateway.endpoint.execution import Execution
from gateway.endpoint.requests import Receive, Scope, header, read_request
from gateway.endpoint.responses import JSON, Send, negotiate, send_json, status_of

PATH = "/graphql"


class GraphQLEndpoint:
    """Serves operations over GET and POST. documents: which may run, by default any that is sent as text."""

    def __init__(self, execution: Execution, documents: Documents | None = None) -> None:
        self.execution = execution
        self.documents = documents or Documents(execution.preparer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        media_type = JSON
        try:
            media_type = negotiate(header(scope, b"accept"))
            request = await read_request(scope, receive, path_id(scope))
            chosen = await self.documents.choose(request, partial(header, scope))
            answer = await self.execution.run(request, chosen.prepared)
            await self.documents.keep(chosen)
        except RequestError as error:
            await send_json(send, error.status, error.payload(), media_type, error.headers)
            return
        await send_json(send, status_of(answer, media_type), answer.payload, media_type)


def path_id(scope: Scope) -> str | None:
    """The document id in ``/graphql/<documentId>``, None without one."""
    return scope["path"].partition(f"{PATH}/")[2] or None
