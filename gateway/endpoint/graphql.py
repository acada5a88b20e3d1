"""The GraphQL endpoint: a bare ASGI application, beside Django rather than in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from gateway.delivery.compression import CODECS, Compression
from gateway.delivery.headers import Delivery, Response
from gateway.endpoint.answering import Answering
from gateway.endpoint.batching import answer_batch
from gateway.endpoint.cors import Cors
from gateway.endpoint.csrf import check_preflight
from gateway.endpoint.errors import RequestError, failed_request
from gateway.endpoint.exchange import Exchange, correlation_id
from gateway.endpoint.repeats import Repeat, Repeats
from gateway.endpoint.requests import (
    ALLOWED,
    Batch,
    GraphQLRequest,
    Headers,
    Receive,
    RequestReader,
    Scope,
    headers_of,
)
from gateway.endpoint.responses import JSON, Answer, Send, negotiate
from gateway.endpoint.sending import Sending, wanted_by
from gateway.identity.identification import Identification
from gateway.load.clients import rate_key
from gateway.load.deadlines import TIMEOUT, ClientGone, allowed_seconds, within
from gateway.load.rates import Rates
from gateway.observing.correlation import correlated
from gateway.observing.observer import Observer
from loaders.viewer import ANONYMOUS, Viewer

PATH = "/graphql"


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands between HTTP and the answers. None: everybody is anonymous; nobody is limited; nobody watches."""

    reader: RequestReader = field(default_factory=RequestReader)
    cors: Cors = field(default_factory=Cors)
    delivery: Delivery = field(default_factory=lambda: Delivery(Compression(tuple(CODECS))))
    identification: Identification | None = None
    rates: Rates | None = None
    observer: Observer | None = None
    draft_statuses: bool = False
    request_seconds: float = 15.0


class GraphQLEndpoint:
    """Serves operations over GET and POST."""

    def __init__(self, answering: Answering, doors: Doors | None = None) -> None:
        self.answering = answering
        self.doors = doors or Doors()
        self.repeats = Repeats(answering.documents)
        self.sending = Sending(self.doors.delivery, answering.cache, self.doors.draft_statuses)

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
            exchange.status, exchange.sent_bytes = response.status, len(response.body)
            added = [*response.headers, (b"x-request-id", exchange.id.encode()), *doors.cors.headers(headers)]
            if doors.observer is not None and doors.observer.timing is not None:
                added.append((b"server-timing", doors.observer.timing(exchange)))
            await send({"type": "http.response.start", "status": response.status, "headers": added})
            await send({"type": "http.response.body", "body": response.body})
        if doors.observer is not None:
            traceparent = headers.get(b"traceparent", b"") if doors.observer.traces else b""
            doors.observer.finished(exchange, traceparent.decode("latin-1"))

    async def respond(self, scope: Scope, receive: Receive, headers: Headers, exchange: Exchange) -> Response:
        """The answer to one HTTP request. Raises ``ClientGone``."""
        doors, by_get = self.doors, exchange.method != "POST"
        try:
            if exchange.method == "OPTIONS":
                return Response(204, (*ALLOWED, *doors.cors.preflight(headers)), b"")
            viewer = await self.viewer(scope, headers)
            data = await doors.reader.data(scope, receive, headers)
            key = self.repeats.key(scope, headers, data, viewer)
            # With a cookie it depends on more of the headers whether a GET may be answered.
            repeat = None if by_get and b"cookie" in headers else self.repeats.get(key)
            if repeat is not None and (entry := self.answering.hit(repeat.asked, exchange)) is not None:
                self.answering.repeated(repeat.chosen, repeat.asked, exchange)
                wanted = wanted_by(headers, repeat.media_type, repeat.encoding, by_get=by_get)
                ready = self.sending.ready(entry, repeat.asked, wanted)
                return ready or await self.sending.kept(entry, repeat.asked, wanted)
            media_type, encoding = negotiate(value_of(headers, b"accept")), self.encoding(headers)
            request = doors.reader.parsed(scope, data, path_id(scope))
            self.refuse_forgery(request, headers)
            if isinstance(request, Batch):
                return await self.batch(request, receive, headers, viewer, exchange)
            chosen, asked = await self.answering.ask(request, partial(value_of, headers), viewer, exchange)
            if asked.key is not None and not chosen.once:
                repeat = Repeat(viewer, asked, chosen, self.repeats.documents.state, media_type, encoding)
                self.repeats.keep(key, len(data) + len(scope["query_string"]), repeat)
            wanted = wanted_by(headers, media_type, encoding, by_get=by_get)
            if (entry := self.answering.hit(asked, exchange)) is not None:
                return await self.sending.kept(entry, asked, wanted)
            seconds = allowed_seconds(value_of(headers, TIMEOUT), doors.request_seconds)
            with correlated(exchange.id):
                found = await within(seconds, receive, self.answering.answer(asked, exchange))
            exchange.codes = codes_of(found.answer)
            return await self.sending.answered(found, asked, wanted)
        except ClientGone:
            raise
        except RequestError as error:
            refusal = error
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets JSON and nobody gets a stack trace
            with correlated(exchange.id):
                refusal = failed_request(error)
        exchange.codes = (refusal.code,)
        return await self.sending.refused(refusal, media_type_for(headers), self.encoding(headers))

    def encoding(self, headers: Headers) -> str:
        """The encoding that the client wants, of ours."""
        return self.doors.delivery.compression.choice(value_of(headers, b"accept-encoding"))

    async def viewer(self, scope: Scope, headers: Headers) -> Viewer:
        """Who asks. Raises ``RequestError`` for a bad credential, and for somebody who asks too often."""
        viewer, identification = ANONYMOUS, self.doors.identification
        if identification is not None:
            viewer = identification.known(headers) or await identification.viewer(headers)
        rates = self.doors.rates
        if rates is not None:
            key = rate_key(viewer.subject, scope)
            if not rates.pay(key):
                await rates.charge(key)
        return viewer

    def refuse_forgery(self, request: GraphQLRequest | Batch, headers: Headers) -> None:
        """Raise ``RequestError`` for what another site's page may have sent in the viewer's name."""
        identification = self.doors.identification
        if identification is not None and isinstance(request, GraphQLRequest) and request.by_get:
            by_cookie = identification.authenticated_by_cookie(headers)
            check_preflight(headers, request.parameters, request.path_id, cookies_authenticate=by_cookie)

    async def batch(
        self,
        batch: Batch,
        receive: Receive,
        headers: Headers,
        viewer: Viewer,
        exchange: Exchange,
    ) -> Response:
        """The answers to several requests, in one body."""

        async def run(request: GraphQLRequest) -> Answer | bytes:
            own = Exchange(exchange.method, exchange.path, id=exchange.id)
            _, asked = await self.answering.ask(request, partial(value_of, headers), viewer, own)
            entry = self.answering.hit(asked, own)
            if entry is not None:
                return entry.body
            found = await self.answering.answer(asked, own)
            exchange.statements += own.statements
            exchange.codes += codes_of(found.answer)
            return found.answer

        seconds = allowed_seconds(value_of(headers, TIMEOUT), self.doors.request_seconds)
        with correlated(exchange.id):
            body = await within(seconds, receive, answer_batch(batch, run))
        return await self.doors.delivery.once(200, body, JSON, self.encoding(headers))


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
