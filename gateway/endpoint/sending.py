"""How answers are sent: kept ones, those just made, refusals."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import cast

from gateway.cache.answers import Found, ResponseCache
from gateway.cache.entries import Entry
from gateway.delivery.headers import Delivery
from gateway.delivery.hints import CachePolicy
from gateway.delivery.representations import Representation, Representations, Response
from gateway.endpoint.answering import Asked
from gateway.endpoint.errors import RequestError
from gateway.endpoint.requests import Headers
from gateway.endpoint.responses import encode, refusal_status, status_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the client wants of the answer. encoding: one of ours, ``""`` for none. if_none_match: the header."""

    media_type: str
    encoding: str
    by_get: bool
    if_none_match: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sending:
    """Answers as responses of HTTP. cache: that entries come from. draft: whether the draft's statuses are used."""

    delivery: Delivery
    cache: ResponseCache | None = None
    draft: bool = False

    def ready(self, entry: Entry, asked: Asked, media_type: str, encoding: str, headers: Headers) -> Response | None:
        """An entry as it was sent before; None where it was not yet sent so."""
        sending = cast("Representations | None", entry.sending)
        shown = sending.ready(media_type, encoding) if sending is not None else None
        if shown is None:
            return None
        if not asked.task.request.by_get:
            return self.delivery.to_post(shown)
        given = headers.get(b"if-none-match")
        known = "" if given is None else given.decode("latin-1")
        return self._to_get(shown, entry, policy_of(asked), known)

    async def kept(self, entry: Entry, asked: Asked, wanted: Wanted) -> Response:
        """An entry of the response cache."""
        policy = policy_of(asked)
        sending = cast("Representations | None", entry.sending)
        if sending is None:
            sending = entry.sending = self.delivery.representations(entry.body, policy, entry.stamp.heads)
        shown = await sending.made(wanted.media_type, wanted.encoding)
        if self.cache is not None:
            self.cache.memory.weigh(entry, sending.weight)
        return self._shown(shown, entry, policy, wanted)

    async def answered(self, found: Found, asked: Asked, wanted: Wanted) -> Response:
        """An answer, kept or not."""
        if found.entry is not None:
            return await self.kept(found.entry, asked, wanted)
        answer = found.answer
        body = answer.payload if isinstance(answer.payload, bytes) else encode(answer.payload)
        if answer.stamp is None or not wanted.by_get:
            status = status_of(answer, wanted.media_type, draft=self.draft)
            return await self.delivery.once(status, body, wanted.media_type, wanted.encoding)
        policy, stamp = policy_of(asked), answer.stamp
        made = self.delivery.representations(body, policy, stamp.heads)
        shown = await made.made(wanted.media_type, wanted.encoding)
        left = None if stamp.changes_at is None else (stamp.changes_at - stamp.instant).total_seconds()
        return self.delivery.to_get(shown, policy, wanted.if_none_match, seconds_to_change=left)

    async def refused(self, refusal: RequestError, media_type: str, encoding: str) -> Response:
        """A refusal. It may say by itself for how long caches keep it."""
        status = refusal_status(refusal, media_type, draft=self.draft)
        response = await self.delivery.once(status, encode(refusal.payload()), media_type, encoding)
        said = {name for name, _ in refusal.headers}
        headers = [header for header in response.headers if header[0] not in said]
        return Response(status, (*headers, *refusal.headers), response.body)

    def _shown(self, shown: Representation, entry: Entry, policy: CachePolicy, wanted: Wanted) -> Response:
        if not wanted.by_get:
            return self.delivery.to_post(shown)
        return self._to_get(shown, entry, policy, wanted.if_none_match)

    def _to_get(self, shown: Representation, entry: Entry, policy: CachePolicy, if_none_match: str) -> Response:
        left = None
        if entry.stamp.changes_at is not None and self.cache is not None:
            left = entry.until - self.cache.watch.store_clock
        age = 0 if entry.outdated is None else int(time.monotonic() - entry.outdated)
        return self.delivery.to_get(shown, policy, if_none_match, seconds_to_change=left, age_seconds=age)


def wanted_by(headers: Headers, media_type: str, encoding: str, *, by_get: bool) -> Wanted:
    """What a request's headers want."""
    return Wanted(media_type, encoding, by_get, headers.get(b"if-none-match", b"").decode("latin-1"))


def policy_of(asked: Asked) -> CachePolicy:
    """How long caches on the way may keep an answer of the operation."""
    operation = asked.task.operation
    return CachePolicy() if operation is None else operation.policy
