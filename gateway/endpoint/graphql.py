"""The GraphQL endpoint: a bare ASGI application, beside Django rather than in it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

from gateway.delivery.representations import Response
from gateway.endpoint.answering import Answering
from gateway.endpoint.batching import answer_batch
from gateway.endpoint.csrf import check_preflight
from gateway.endpoint.doors import Doors
from gateway.endpoint.errors import ClientGone, RequestError, failed_request
from gateway.endpoint.exchange import Exchange, correlation_id
from gateway.endpoint.fast_hits import FastHits
from gateway.endpoint.repeats import Repeat, Repeats
from gateway.endpoint.requests import (
    ALLOWED,
    Batch,
    GraphQLRequest,
    Headers,
    Receive,
    Scope,
    headers_of,
)
from gateway.endpoint.responses import JSON, Answer, Send, negotiate
from gateway.endpoint.sending import Sending, wanted_by
from gateway.endpoint.versions import MIN_VERSION, Reached, reach, wanted_version
from gateway.identity.credentials import COOKIE
from gateway.identity.identification import Identification
from gateway.load.clients import rate_key
from gateway.load.deadlines import TIMEOUT, allowed_seconds, within
from gateway.observing.correlation import correlated
from loaders.viewer import ANONYMOUS, Viewer

PATH = "/graphql"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP request, of which the body has been read."""

    scope: Scope
    receive: Receive
    headers: Headers
    exchange: Exchange
    viewer: Viewer
    data: bytes


class GraphQLEndpoint:
    """Serves operations over GET and POST."""

    def __init__(self, answering: Answering, doors: Doors | None = None) -> None:
        self.answering = answering
        self.doors = doors or Doors()
        self.repeats = Repeats(answering.documents)
        self.sending = Sending(self.doors.delivery, answering.cache, self.doors.draft_statuses)
        self.fast = FastHits(answering, self.doors, self.repeats, self.sending)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        doors, headers = self.doors, headers_of(scope)
        exchange = Exchange(scope["method"], scope["path"])
        if (given := headers.get(b"x-request-id")) is not None:
            exchange.id = correlation_id(given.decode("latin-1")) or exchange.id
        try:
            response = await self.respond(scope, receive, headers, exchange)
        except ClientGone as gone:
            exchange.status, exchange.codes = gone.status, (gone.code,)
            response = None
        if response is not None:
            exchange.status = response.status
            exchange.sent_bytes = 0 if exchange.method == "HEAD" else len(response.body)
            added = doors.cors.added_to(response.headers, headers)
            added += doors.told_besides(exchange)
            await send({"type": "http.response.start", "status": response.status, "headers": added})
            await send({"type": "http.response.body", "body": response.body})
        if not exchange.requests:
            doors.finished(exchange, headers)

    async def respond(self, scope: Scope, receive: Receive, headers: Headers, exchange: Exchange) -> Response:
        """The answer to one HTTP request. Raises ``ClientGone``."""
        try:
            if exchange.method == "OPTIONS":
                return Response(204, (*ALLOWED, *self.doors.cors.preflight(headers)), b"")
            viewer = await self.viewer(scope, headers)
            data = await self.doors.reader.data(scope, receive, headers)
            key = self.repeats.key(scope, headers, data, viewer)
            answer = await self.answer_before(key, scope, headers, exchange)
            if answer is not None:
                return answer
            self.answering.admission.refuse_early()
            return await self.answer(Incoming(scope, receive, headers, exchange, viewer, data), key)
        except ClientGone:
            raise
        except RequestError as error:
            refusal = error
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets JSON and nobody gets a stack trace
            with correlated(exchange.id):
                refusal = failed_request(error)
        exchange.codes = (refusal.code,)
        return await self.sending.refused(refusal, media_type_for(headers), self.encoding(headers))

    async def answer_before(self, key: Hashable, scope: Scope, headers: Headers, exchange: Exchange) -> Response | None:
        """The answer that the same request was given before, if it is still right."""
        by_get = exchange.method != "POST"
        if (by_get and COOKIE in headers) or TIMEOUT in headers or MIN_VERSION in headers:
            # It depends on more of the headers whether such a request may be answered.
            return None
        repeat = self.repeats.get(key)
        if repeat is None or (entry := self.answering.hit(repeat.asked, exchange)) is None:
            return None
        self.answering.repeated(repeat.asked, exchange)
        self.fast.keep(repeat, scope, headers)
        asked, media_type, encoding = repeat.asked, repeat.media_type, repeat.encoding
        if (ready := self.sending.ready(entry, asked, media_type, encoding, headers)) is not None:
            return ready
        return await self.sending.kept(entry, asked, wanted_by(headers, media_type, encoding, by_get=by_get))

    async def answer(self, incoming: Incoming, key: Hashable) -> Response:
        """The answer to a request that has to be understood first. Raises ``RequestError``, ``ClientGone``."""
        headers, exchange, by_get = incoming.headers, incoming.exchange, incoming.exchange.method != "POST"
        media_type, encoding = negotiate(value_of(headers, b"accept")), self.encoding(headers)
        request = self.doors.reader.parsed(incoming.scope, incoming.data, path_id(incoming.scope))
        seconds = allowed_seconds(value_of(headers, TIMEOUT), self.doors.request_seconds)
        self.refuse_forgery(request, headers)
        if isinstance(request, Batch):
            return await self.batch(request, incoming, seconds)
        state = self.repeats.documents.state
        version = await self.version(headers)
        asked = await self.answering.ask(request, partial(value_of, headers), incoming.viewer, exchange, version)
        if asked.key is not None:
            repeat = Repeat(incoming.viewer, asked, state, media_type, encoding)
            self.repeats.keep(key, len(incoming.data) + len(incoming.scope["query_string"]), repeat)
        wanted = wanted_by(headers, media_type, encoding, by_get=by_get)
        if (entry := self.answering.hit(asked, exchange)) is not None:
            return await self.sending.kept(entry, asked, wanted)
        with correlated(exchange.id):
            found = await within(seconds, incoming.receive, self.answering.answer(asked, exchange))
        exchange.codes = codes_of(found.answer)
        return await self.sending.answered(found, asked, wanted)

    def encoding(self, headers: Headers) -> str:
        """The encoding that the client wants, of ours."""
        return self.doors.delivery.compression.choice(value_of(headers, b"accept-encoding"))

    async def viewer(self, scope: Scope, headers: Headers) -> Viewer:
        """Who asks. Raises ``RequestError`` for a bad credential, and for somebody who asks too often."""
        identification, rates, viewer = self.doors.identification, self.doors.rates, ANONYMOUS
        if identification is not None:
            known = identification.known(headers)
            if known is None:
                return await self.identified(identification, scope, headers)
            viewer = known
        if rates is not None:
            await rates.count(rate_key(viewer.subject, scope))
        return viewer

    async def identified(self, identification: Identification, scope: Scope, headers: Headers) -> Viewer:
        """Who presents a credential that has to be checked. Counted before that: bad ones are not tried for nothing."""
        rates, supposed = self.doors.rates, identification.supposed(headers)
        if rates is not None:
            await rates.count(rate_key(supposed.subject, scope))
        viewer = await identification.viewer(headers, rate_key(None, scope))
        if rates is not None and viewer.subject != supposed.subject:
            rates.refund(rate_key(supposed.subject, scope))
            await rates.count(rate_key(viewer.subject, scope))
        return viewer

    def refuse_forgery(self, request: GraphQLRequest | Batch, headers: Headers) -> None:
        """Raise ``RequestError`` for what another site's page may have sent in the viewer's name."""
        identification = self.doors.identification
        if identification is not None and isinstance(request, GraphQLRequest) and request.by_get:
            by_cookie = identification.authenticated_by_cookie(headers)
            check_preflight(headers, request.parameters, request.path_id, cookies_authenticate=by_cookie)

    async def version(self, headers: Headers) -> Reached | None:
        """What became of the wish for a version of the store, None where there is none. Raises ``RequestError``."""
        required = wanted_version(headers.get(MIN_VERSION))
        watch = self.doors.watch
        if required is None:
            return None
        return Reached(required, None) if watch is None else await reach(watch, required)

    async def batch(self, batch: Batch, incoming: Incoming, seconds: float) -> Response:
        """The answers to several requests, in one body. Each is paid for and told of as a request of its own."""
        exchange, rates = incoming.exchange, self.doors.rates
        if rates is not None:
            # The first is paid for as any request is.
            key = rate_key(incoming.viewer.subject, incoming.scope)
            await asyncio.gather(*(rates.count(key) for _ in batch.requests[1:]))

        version = await self.version(incoming.headers)

        async def run(request: GraphQLRequest, own: Exchange) -> Answer | bytes:
            header = partial(value_of, incoming.headers)
            asked = await self.answering.ask(request, header, incoming.viewer, own, version)
            if (entry := self.answering.hit(asked, own)) is not None:
                return entry.body
            answer = (await self.answering.answer(asked, own)).answer
            own.codes = codes_of(answer)
            return answer

        work = answer_batch(batch, run, exchange, partial(self.doors.finished, headers=incoming.headers))
        with correlated(exchange.id):
            body = await within(seconds, incoming.receive, work)
        exchange.requests = len(batch.requests)
        return await self.doors.delivery.once(200, body, JSON, self.encoding(incoming.headers))


def value_of(headers: Headers, name: bytes) -> str:
    """A header's value, or empty text."""
    return headers.get(name, b"").decode("latin-1")


def codes_of(answer: Answer) -> tuple[str, ...]:
    """The code of every error of an answer."""
    if isinstance(answer.payload, bytes):
        return ()
    return tuple(error["extensions"]["code"] for error in answer.payload.get("errors", ()))


def media_type_for(headers: Headers) -> str:
    """The media type of a refusal: JSON for a client that accepts nothing of ours."""
    try:
        return negotiate(value_of(headers, b"accept"))
    except RequestError:
        return JSON


def path_id(scope: Scope) -> str | None:
    """The document id in ``/graphql/<documentId>``, None without one."""
    return scope["path"].partition(f"{PATH}/")[2] or None
