"""The viewer of a request, by the headers that it has."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.endpoint.errors import RequestError
from gateway.identity.authenticators import Authenticator, Recognised, unauthenticated, unavailable
from gateway.identity.credentials import Credentials, Headers
from gateway.identity.grants import Granted, Grants
from gateway.identity.identification import PLACES, Identification
from loaders.errors import StoreUnavailable
from loaders.viewer import ANONYMOUS, Viewer


class Bearers:
    """Knows the bearers of the texts in ``viewers``; refuses every other one."""

    def __init__(self, **viewers: Viewer) -> None:
        self.viewers = viewers
        self.seconds = 60.0
        self.asked = 0
        self.broken: Exception | None = None

    async def authenticate(self, credentials: Credentials) -> Recognised | None:
        if credentials.bearer is None:
            return None
        self.asked += 1
        await asyncio.sleep(0)
        if self.broken is not None:
            raise self.broken
        if credentials.bearer not in self.viewers:
            raise unauthenticated("not one of us")
        return Recognised.for_seconds(self.viewers[credentials.bearer], self.seconds)

    async def open(self) -> None: ...
    async def close(self) -> None: ...


class Cookies(Bearers):
    """Knows the sessions in ``viewers``; all others are nobody's."""

    async def authenticate(self, credentials: Credentials) -> Recognised | None:
        if credentials.session is None:
            return None
        self.asked += 1
        return Recognised.for_seconds(self.viewers.get(credentials.session, ANONYMOUS), 60)


ADA = Viewer("key:ada", frozenset({"a"}), {"audience": "STUDENTS"})
BOB = Viewer("user:2", frozenset(), {})


async def granted(subject: str) -> Granted:
    return Granted(frozenset({"granted"}), {"audience": "GUESTS", "tier": subject})


def identification(*authenticators: Authenticator, cookie: str | None = "sessionid", **options: Any) -> Identification:
    return Identification(authenticators, Grants(granted, None, seconds=60), cookie_name=cookie, **options)


def bearer(text: str) -> Headers:
    return {b"authorization": b"Bearer " + text.encode()}


async def refusal(identified: Identification, headers: Headers) -> RequestError:
    with pytest.raises(RequestError) as caught:
        await identified.viewer(headers)
    return caught.value


@pytest.mark.parametrize("headers", [{}, {b"cookie": b"theme=dark"}, {b"cookie": b""}, {b"accept": b"*/*"}])
async def test_nobody_presents_nothing(headers: Headers) -> None:
    identified = identification(Bearers(), Cookies())

    assert identified.known(headers) is ANONYMOUS
    assert await identified.viewer(headers) is ANONYMOUS


async def test_who_is_known_once_is_known_without_asking() -> None:
    bearers = Bearers(ada=ADA)
    identified = identification(bearers)
    assert identified.known(bearer("ada")) is None

    first = await identified.viewer(bearer("ada"))

    assert identified.known(bearer("ada")) is first
    assert await identified.viewer(bearer("ada")) is first
    assert bearers.asked == 1


async def test_the_credentials_facets_precede_those_that_were_granted() -> None:
    found = await identification(Bearers(ada=ADA)).viewer(bearer("ada"))

    assert found.scopes == {"a", "granted"}
    assert dict(found.facets) == {"audience": "STUDENTS", "tier": "key:ada"}


async def test_many_at_once_ask_once() -> None:
    bearers = Bearers(ada=ADA)
    identified = identification(bearers)

    found = await asyncio.gather(*(identified.viewer(bearer("ada")) for _ in range(20)))

    assert bearers.asked == 1
    assert len(set(map(id, found))) == 1


async def test_it_is_asked_again_when_its_time_is_over() -> None:
    bearers = Bearers(ada=ADA)
    bearers.seconds = 0.05
    identified = identification(bearers)
    await identified.viewer(bearer("ada"))
    await asyncio.sleep(0.1)

    assert identified.known(bearer("ada")) is None
    bearers.viewers = {}
    assert (await refusal(identified, bearer("ada"))).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        bearer("eve"),
        bearer(""),
        {b"authorization": b"Basic YTpi"},
        {b"authorization": b""},
        {b"authorization": b"\xff\xfe"},
        {b"x-api-key": b"eve"},
        {b"x-api-key": b""},
        {**bearer("eve"), b"cookie": b"sessionid=bob"},
        {**bearer("ada"), b"x-api-key": b"ada"},
    ],
)
async def test_a_bad_credential_is_refused_and_never_somebody_else(headers: Headers) -> None:
    identified = identification(Bearers(ada=ADA), Cookies(bob=BOB))

    for _ in range(2):
        assert identified.known(headers) is None
        refused = await refusal(identified, headers)
        assert (refused.status, refused.code) == (401, "UNAUTHENTICATED")
        assert dict(refused.headers)[b"www-authenticate"].startswith(b'Bearer realm="larder", error="invalid_')
        assert dict(refused.headers)[b"cache-control"] == b"no-store"


async def test_a_bad_credential_is_checked_once_in_a_second() -> None:
    bearers = Bearers()
    identified = identification(bearers)

    for _ in range(10):
        await refusal(identified, bearer("eve"))

    assert bearers.asked == 1


async def test_made_up_credentials_do_not_push_out_who_is_known() -> None:
    identified = identification(Bearers(ada=ADA), Cookies(), capacity=5)
    await identified.viewer(bearer("ada"))

    for number in range(20):
        await refusal(identified, bearer(f"made up {number}"))
        await identified.viewer({b"cookie": b"sessionid=%d" % number})

    assert identified.known(bearer("ada")) is not None


async def test_an_api_key_has_a_header_of_its_own() -> None:
    identified = identification(Bearers(ada=ADA))

    assert (await identified.viewer({b"x-api-key": b"ada"})).subject == "key:ada"
    assert (await identified.viewer({b"authorization": b"bearer  ada "})).subject == "key:ada"


@pytest.mark.parametrize(
    "cookie", [b"sessionid=bob", b"a=1; sessionid=bob; b=2", b'sessionid="bob"', b"xsessionid=ada; sessionid=bob"]
)
async def test_a_session_in_a_cookie(cookie: bytes) -> None:
    identified = identification(Bearers(ada=ADA), Cookies(bob=BOB, ada=ADA))

    assert (await identified.viewer({b"cookie": cookie})).subject == "user:2"
    assert identified.known({b"cookie": cookie}) is not None
    assert identified.authenticated_by_cookie({b"cookie": cookie})


async def test_a_session_that_is_over_is_nobodys() -> None:
    identified = identification(Cookies())

    assert (await identified.viewer({b"cookie": b"sessionid=gone"})).subject is None


async def test_an_explicit_credential_precedes_the_cookie() -> None:
    identified = identification(Bearers(ada=ADA), Cookies(bob=BOB))
    headers = {**bearer("ada"), b"cookie": b"sessionid=bob"}

    assert (await identified.viewer(headers)).subject == "key:ada"
    assert not identified.authenticated_by_cookie(headers)


async def test_cookies_say_nothing_where_sessions_do_not_count() -> None:
    identified = identification(Bearers(ada=ADA), cookie=None)

    assert identified.known({b"cookie": b"sessionid=bob"}) is ANONYMOUS
    assert not identified.authenticated_by_cookie({b"cookie": b"sessionid=bob"})


async def test_where_nobody_is_told_apart_credentials_say_nothing() -> None:
    assert identification(cookie=None).known(bearer("ada")) is ANONYMOUS


@pytest.mark.parametrize("headers", [{}, {b"cookie": b"sessionid=gone"}, {b"cookie": b"theme=dark"}])
async def test_somebody_has_to_ask_where_anonymous_may_not(headers: Headers) -> None:
    identified = identification(Bearers(ada=ADA), Cookies(bob=BOB), anonymous=False)

    assert identified.known(headers) is None
    refused = await refusal(identified, headers)
    assert (refused.status, refused.code) == (401, "UNAUTHENTICATED")
    assert dict(refused.headers)[b"www-authenticate"] == b'Bearer realm="larder"'
    assert (await identified.viewer(bearer("ada"))).subject == "key:ada"


@pytest.mark.parametrize("error", [StoreUnavailable(), unavailable("keys are away")])
async def test_what_cannot_be_told_is_a_503_and_is_not_remembered(error: Exception) -> None:
    bearers = Bearers(ada=ADA)
    bearers.broken = error
    identified = identification(bearers)

    refused = await refusal(identified, bearer("ada"))

    assert (refused.status, refused.code) == (503, "IDENTITY_UNAVAILABLE")
    bearers.broken = None
    assert (await identified.viewer(bearer("ada"))).subject == "key:ada"


async def test_no_secret_is_remembered() -> None:
    identified = identification(Bearers(ada=ADA))
    await identified.viewer(bearer("ada"))
    await refusal(identified, bearer("secret-of-eve"))

    kept = repr([dict(memory._values) for memory in (identified._known, identified._refused, identified._over)])

    assert "Bearer ada" not in kept
    assert "secret-of-eve" not in kept


async def test_a_waiter_that_hangs_up_harms_nobody() -> None:
    bearers = Bearers(ada=ADA)
    identified = identification(bearers)
    one = asyncio.create_task(identified.viewer(bearer("ada")))
    other = asyncio.create_task(identified.viewer(bearer("ada")))
    await asyncio.sleep(0)

    one.cancel()

    assert (await other).subject == "key:ada"


async def test_a_viewer_who_has_not_changed_stays_the_same_object() -> None:
    bearers = Bearers(ada=ADA)
    bearers.seconds = -1
    identified = identification(bearers)
    first = await identified.viewer(bearer("ada"))

    again = await identified.viewer(bearer("ada"))
    bearers.viewers = {"ada": Viewer("key:ada", frozenset({"b"}))}
    changed = await identified.viewer(bearer("ada"))

    assert bearers.asked == 3
    assert again is first
    assert changed.scopes == {"b", "granted"}


async def test_whose_a_credential_was_is_told_while_it_is_checked_again() -> None:
    bearers = Bearers(ada=ADA)
    bearers.seconds = -1
    identified = identification(bearers)
    assert identified.supposed(bearer("ada")) is ANONYMOUS
    assert identified.supposed({}) is ANONYMOUS

    await identified.viewer(bearer("ada"))

    assert identified.known(bearer("ada")) is None
    assert identified.supposed(bearer("ada")).subject == "key:ada"
    bearers.viewers = {}
    await refusal(identified, bearer("ada"))
    assert identified.supposed(bearer("ada")) is ANONYMOUS


class SlowBearers(Bearers):
    """Takes its time for those who are not known, until ``gate`` opens."""

    gate = asyncio.Event()

    async def authenticate(self, credentials: Credentials) -> Recognised | None:
        if credentials.bearer not in self.viewers:
            await self.gate.wait()
        return await super().authenticate(credentials)


async def test_a_flood_of_made_up_credentials_leaves_room_for_everybody_else() -> None:
    bearers = SlowBearers(ada=ADA, bob=BOB)
    bearers.gate, bearers.seconds = asyncio.Event(), -1
    identified = identification(bearers)
    await identified.viewer(bearer("bob"), "flood")
    flood = [asyncio.create_task(identified.viewer(bearer(f"made up {number}"), "flood")) for number in range(500)]
    await asyncio.sleep(0.01)

    newcomer = await identified.viewer(bearer("ada"), "another address")
    neighbour = await identified.viewer(bearer("bob"), "flood")

    bearers.gate.set()
    refused = await asyncio.gather(*flood, return_exceptions=True)
    assert (newcomer.subject, neighbour.subject) == ("key:ada", "user:2")
    statuses = [refusal.status for refusal in refused if isinstance(refusal, RequestError)]
    assert (statuses.count(401), statuses.count(503)) == (PLACES // 2, 500 - PLACES // 2)
    assert (await refusal(identified, bearer("made up again"))).status == 401
