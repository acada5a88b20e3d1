"""The GraphQL endpoint: a bare ASGI application, beside Django rather than in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import cast

from gateway.cache.answers import Found
from gateway.cache.entries import Entry
from gateway.delivery.compression import CODECS, Compression
from gateway.delivery.headers import Delivery, Response
from gateway.delivery.representations import Representations
from gateway.endpoint.answering import Answering, Asked
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
from gateway.endpoint.responses import JSON, Answer, Send, encode, negotiate, refusal_status, status_of
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
        media_type = JSON
        accept_encoding = headers.get(b"accept-encoding", b"").decode("latin-1")
        encoding = self.doors.delivery.compression.choice(accept_encoding)
        try:
            if exchange.method == "OPTIONS":
                return Response(204, (*ALLOWED, *self.doors.cors.preflight(headers)), b"")
            media_type = negotiate(headers.get(b"accept", b"").decode("latin-1"))
            viewer = await self.viewer(scope, headers)
            data = await self.doors.reader.data(scope, receive, headers)
            key = self.repeats.key(scope, headers, data, viewer)
            repeat = self.repeats.get(key) if data or b"cookie" not in headers else None
            if repeat is not None:
                entry = self.answering.hit(repeat.asked, exchange)
                if entry is not None:
                    self.answering.repeated(repeat.chosen, repeat.asked, exchange)
                    return await self.kept(entry, repeat.asked, repeat.media_type, repeat.encoding, headers)
            request = self.doors.reader.parsed(scope, data, path_id(scope))
            self.refuse_forgery(request, headers)
            if isinstance(request, Batch):
                return await self.batch(request, receive, headers, viewer, exchange, encoding)
            header = partial(value_of, headers)
            chosen, asked = await self.answering.ask(request, header, viewer, exchange)
            if asked.key is not None and not chosen.once:
                repeat = Repeat(viewer, asked, chosen, self.repeats.documents.state, media_type, encoding)
                self.repeats.keep(key, len(data) + len(scope["query_string"]), repeat)
            entry = self.answering.hit(asked, exchange)
            if entry is not None:
                return await self.kept(entry, asked, media_type, encoding, headers)
            seconds = allowed_seconds(header(TIMEOUT), self.doors.request_seconds)
            with correlated(exchange.id):
                found = await within(seconds, receive, self.answering.answer(asked, exchange))
            return await self.answered(found, asked, media_type, encoding, headers, exchange)
        except ClientGone:
            raise
        except RequestError as error:
            refusal = error
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets JSON and nobody gets a stack trace
            with correlated(exchange.id):
                refusal = failed_request(error)
        exchange.codes = (refusal.code,)
        status = refusal_status(refusal, media_type, draft=self.doors.draft_statuses)
        response = await self.doors.delivery.once(status, encode(refusal.payload()), media_type, encoding)
        kept = [] if any(name == b"cache-control" for name, _ in refusal.headers) else response.headers
        described = [header for header in response.headers if header[0] != b"cache-control"]
        return Response(status, (*(kept or described), *refusal.headers), response.body)

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

    async def kept(self, entry: Entry, asked: Asked, media_type: str, encoding: str, headers: Headers) -> Response:
        """How an entry of the response cache is sent. encoding: that the client wants."""
        delivery, operation = self.doors.delivery, asked.task.operation
        if operation is None:
            raise AssertionError("only operations that are known have entries")
        policy = operation.policy
        sending = cast("Representations | None", entry.sending)
        if sending is None:
            sending = entry.sending = delivery.representations(entry.body, policy, entry.stamp.heads)
        shown = sending.ready(media_type, encoding)
        if shown is None:
            before = sending.weight
            shown = await sending.made(media_type, encoding)
            if self.answering.cache is not None:
                self.answering.cache.memory.grow(entry, sending.weight - before)
        if not asked.task.request.by_get:
            return delivery.to_post(shown)
        cache = self.answering.cache
        left = None if cache is None or entry.stamp.changes_at is None else entry.until - cache.watch.store_clock
        age = 0 if entry.outdated is None else int(time.monotonic() - entry.outdated)
        given = headers.get(b"if-none-match", b"").decode("latin-1")
        return delivery.to_get(shown, policy, given, seconds_to_change=left, age_seconds=age)

    async def answered(
        self,
        found: Found,
        asked: Asked,
        media_type: str,
        encoding: str,
        headers: Headers,
        exchange: Exchange,
    ) -> Response:
        """How an answer is sent that was just made."""
        if found.entry is not None:
            return await self.kept(found.entry, asked, media_type, encoding, headers)
        answer, delivery = found.answer, self.doors.delivery
        exchange.codes = codes_of(answer)
        body = answer.payload if isinstance(answer.payload, bytes) else encode(answer.payload)
        operation = asked.task.operation
        if answer.stamp is None or operation is None or not asked.task.request.by_get:
            status = status_of(answer, media_type, draft=self.doors.draft_statuses)
            return await delivery.once(status, body, media_type, encoding)
        shown = await delivery.representations(body, operation.policy, answer.stamp.heads).made(media_type, encoding)
        given = headers.get(b"if-none-match", b"").decode("latin-1")
        left = seconds_between(answer.stamp.instant, answer.stamp.changes_at)
        return delivery.to_get(shown, operation.policy, given, seconds_to_change=left)

    async def batch(
        self,
        batch: Batch,
        receive: Receive,
        headers: Headers,
        viewer: Viewer,
        exchange: Exchange,
        encoding: str,
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
        return await self.doors.delivery.once(200, body, JSON, encoding)


def value_of(headers: Headers, name: bytes) -> str:
    """A header's value, or empty text."""
    return headers.get(name, b"").decode("latin-1")


def codes_of(answer: Answer) -> tuple[str, ...]:
    """The code of every error of an answer."""
    if isinstance(answer.payload, bytes):
        return ()
    return tuple(error["extensions"]["code"] for error in answer.payload.get("errors", ()))


def seconds_between(first: datetime, second: datetime | None) -> float | None:
    """From one instant to a later one, None for never."""
    return None if second is None else (second - first).total_seconds()


def path_id(scope: Scope) -> str | None:
    """The document id in ``/graphql/<documentId>``, None without one."""
    return scope["path"].partition(f"{PATH}/")[2] or None
