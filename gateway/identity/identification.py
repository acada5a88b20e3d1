"""Who asks: the viewer of a request, by whatever credential it presents."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from types import MappingProxyType

from gateway.endpoint.errors import RequestError
from gateway.identity.authenticators import Authenticator, Recognised, unauthenticated, unavailable
from gateway.identity.credentials import API_KEY, AUTHORIZATION, COOKIE, Credentials, Headers, digest_of, session_of
from gateway.identity.grants import Grants
from gateway.identity.kept import Kept
from gateway.identity.places import Places
from loaders.errors import StoreError
from loaders.viewer import ANONYMOUS, Viewer
from persisted_queries.flights import Flights

CAPACITY = 10_000
REFUSED_SECONDS = 1.0
PLACES = 100
"""Credentials of strangers that may be checked at a time."""


class Identification:
    """Tells the viewer of each request.

    authenticators: asked in this order; with none, nobody is told apart. grants: adds to what the credential says.
    cookie_name: of Django's session, None where sessions identify nobody. anonymous: whether one may ask without a
    credential. A credential that is not good is refused: nobody who presents one is answered as somebody else.
    """

    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        grants: Grants,
        *,
        cookie_name: str | None = None,
        anonymous: bool = True,
        capacity: int = CAPACITY,
    ) -> None:
        self.authenticators = authenticators
        self.grants = grants
        self.anonymous = anonymous
        self._cookie = cookie_name.encode() if cookie_name is not None else None
        self._nobody = ANONYMOUS if anonymous else None
        self._known: Kept[bytes, Viewer] = Kept(capacity)
        # Apart from those known: whoever makes credentials up must not push others out.
        self._over: Kept[bytes, Viewer] = Kept(capacity)
        self._refused: Kept[bytes, RequestError] = Kept(capacity)
        self._flights: Flights[Viewer] = Flights()
        self._places = Places(PLACES)

    async def open(self) -> None:
        """Begin what authenticators do in the background; returns at once."""
        for one in self.authenticators:
            await one.open()

    async def close(self) -> None:
        """End it."""
        await self._flights.stop()
        for one in reversed(self.authenticators):
            await one.close()
        await self.grants.close()

    def known(self, headers: Headers) -> Viewer | None:
        """The viewer, where nothing has to be asked for that; None: ask ``viewer``."""
        if AUTHORIZATION not in headers and API_KEY not in headers and COOKIE not in headers:
            return self._nobody
        if not self.authenticators:
            return self._nobody
        digest = digest_of(headers, self._cookie)
        if digest is None:
            return self._nobody
        return self._known.get(digest, time.monotonic())

    def supposed(self, headers: Headers) -> Viewer:
        """Whose credential it was when it was checked last, should it have to be again; the anonymous viewer if never.

        Whoever makes credentials up is nobody by this, before anything is asked.
        """
        digest = digest_of(headers, self._cookie)
        last = self._known.last(digest) if digest is not None else None
        return ANONYMOUS if last is None else last[0]

    async def viewer(self, headers: Headers, client: str = "") -> Viewer:
        """The viewer. Raises ``RequestError``: 401 for a bad credential, or none; 503 where that cannot be told.

        client: who sends it, such as their address: strangers' credentials are checked in fair shares among these.
        """
        if (found := self.known(headers)) is not None:
            return found
        digest = digest_of(headers, self._cookie)
        if digest is None or not self.authenticators:
            raise unauthenticated("say who asks: with an API key, a token or a session", error="")
        if (found := self._over.get(digest, time.monotonic())) is not None:
            return found
        if (refusal := self._refused.get(digest, time.monotonic())) is not None:
            raise replace(refusal)
        credentials = self._credentials(headers)
        return await self._flights.join(digest, lambda: self._identify(digest, credentials, client))

    def authenticated_by_cookie(self, headers: Headers) -> bool:
        """Whether a cookie says who asks. Browsers send it for anybody's page, so CSRF has to be barred then."""
        if self._cookie is None or AUTHORIZATION in headers or API_KEY in headers:
            return False
        cookie = headers.get(COOKIE)
        return cookie is not None and session_of(cookie, self._cookie) is not None

    def _credentials(self, headers: Headers) -> Credentials:
        authorization, api_key = headers.get(AUTHORIZATION), headers.get(API_KEY)
        if authorization is not None and api_key is not None:
            raise unauthenticated("send one credential: Authorization or X-API-Key, not both", "invalid_request")
        if api_key is not None:
            return Credentials(bearer=api_key.decode("latin-1").strip())
        if authorization is not None:
            scheme, _, token = authorization.decode("latin-1").strip().partition(" ")
            return Credentials(bearer=token.strip()) if scheme.lower() == "bearer" else Credentials(scheme=scheme)
        cookie = session_of(headers.get(COOKIE, b""), self._cookie or b"") or b""
        return Credentials(session=cookie.decode("latin-1"))

    async def _identify(self, digest: bytes, credentials: Credentials, client: str) -> Viewer:
        last = self._known.last(digest)
        try:
            with self._places.taken(client) if last is None else nullcontext():
                viewer, until = await self._checked(credentials)
        except StoreError as error:
            raise unavailable("Who asks cannot be told: the store does not answer.") from error
        except RequestError as refusal:
            if refusal.status == 401:  # noqa: PLR2004 - what is refused, not what cannot be told
                self._known.forget(digest)
                self._refused.put(digest, refusal, time.monotonic() + REFUSED_SECONDS)
            raise
        if last is not None and last[0] == viewer:
            # What else is remembered of a viewer is found by this very object.
            viewer = last[0]
        (self._over if viewer.subject is None else self._known).put(digest, viewer, until)
        return viewer

    async def _checked(self, credentials: Credentials) -> tuple[Viewer, float]:
        recognised = await self._recognise(credentials)
        if recognised.viewer.subject is None and not self.anonymous:
            raise unauthenticated("nobody is logged in", error="")
        return await self._with_grants(recognised)

    async def _with_grants(self, recognised: Recognised) -> tuple[Viewer, float]:
        """The viewer with what was granted beside the credential, whose own facets precede."""
        viewer = recognised.viewer
        if viewer.subject is None:
            return viewer, recognised.until
        granted, until = await self.grants.of(viewer.subject)
        facets = MappingProxyType({**granted.facets, **viewer.facets})
        return Viewer(viewer.subject, viewer.scopes | granted.scopes, facets), min(until, recognised.until)

    async def _recognise(self, credentials: Credentials) -> Recognised:
        for one in self.authenticators:
            if (found := await one.authenticate(credentials)) is not None:
                return found
        kind = "this kind of token" if credentials.scheme is None else f"the scheme {credentials.scheme[:20]!r}"
        raise unauthenticated(f"{kind} is not taken here")
