"""Django's sessions: whoever is logged in is known, and whoever logs out no longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connections
from django.test import Client, override_settings
from django.utils import timezone

from gateway.endpoint.errors import RequestError
from gateway.identity.credentials import Credentials
from gateway.identity.reading_threads import WAITING
from gateway.identity.sessions import OPERATOR_SCOPES, Sessions, read_session
from loaders.viewer import ANONYMOUS, Viewer


@pytest.fixture
async def sessions() -> AsyncIterator[Sessions]:
    opened = Sessions(seconds=10)
    await opened.open()
    yield opened
    await opened.close()
    await django(connections.close_all)


async def django(work: Any, *arguments: Any) -> Any:
    return await sync_to_async(work)(*arguments)


def logged_in(*, superuser: bool = False, engine: str | None = None) -> tuple[User, str]:
    """A new user with two groups, and the value of their cookie."""
    User.objects.all().delete()
    Group.objects.all().delete()
    user = User.objects.create_user("ada", is_superuser=superuser)
    user.groups.set([Group.objects.create(name=name) for name in ("prices:read", "stock:read")])
    client = Client()
    client.force_login(user)
    return user, client.cookies[settings.SESSION_COOKIE_NAME].value


async def viewer(sessions: Sessions, cookie: str) -> Viewer:
    found = await sessions.authenticate(Credentials(session=cookie))
    assert found is not None
    return found.viewer


async def test_a_session_says_who_is_logged_in(store: str, sessions: Sessions) -> None:
    user, cookie = await django(logged_in)

    found = await viewer(sessions, cookie)

    assert found.subject == f"user:{user.pk}"
    assert found.scopes == {"prices:read", "stock:read"}
    assert not found.facets


async def test_superusers_may_what_larder_asks_for(store: str, sessions: Sessions) -> None:
    _, cookie = await django(lambda: logged_in(superuser=True))

    assert (await viewer(sessions, cookie)).scopes == {"prices:read", "stock:read", *OPERATOR_SCOPES}


async def test_sessions_that_are_kept_in_the_cookie(store: str, sessions: Sessions) -> None:
    with override_settings(SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies"):
        user, cookie = await django(logged_in)

        assert (await viewer(sessions, cookie)).subject == f"user:{user.pk}"
        assert await viewer(sessions, cookie[:-1] + ("a" if cookie[-1] != "a" else "b")) is ANONYMOUS


def log_out(cookie: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    client.logout()


def change_password(cookie: str) -> None:
    user = User.objects.get()
    # Another one that nothing equals: quicker than to hash one.
    user.set_unusable_password()
    user.save()


def expire(cookie: str) -> None:
    from django.contrib.sessions.models import Session  # noqa: PLC0415 - models load only once Django is set up

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    "end",
    [
        log_out,
        change_password,
        expire,
        lambda _: User.objects.update(is_active=False),
        lambda _: User.objects.all().delete(),
    ],
    ids=["logout", "password", "expiry", "inactive", "deleted"],
)
async def test_a_session_that_is_over_is_nobodys(store: str, sessions: Sessions, end: Any) -> None:
    _, cookie = await django(logged_in)
    assert (await viewer(sessions, cookie)).subject

    await django(end, cookie)

    assert await viewer(sessions, cookie) is ANONYMOUS


async def test_reading_writes_nothing(store: str, sessions: Sessions) -> None:
    from django.contrib.sessions.models import Session  # noqa: PLC0415 - models load only once Django is set up

    _, cookie = await django(logged_in)
    await django(change_password, cookie)
    before = await django(lambda: list(Session.objects.values()))

    await viewer(sessions, cookie)

    assert await django(lambda: list(Session.objects.values())) == before


async def test_a_key_that_signs_no_more_but_is_a_fallback_keeps_the_session(store: str, sessions: Sessions) -> None:
    user, cookie = await django(logged_in)
    with override_settings(SECRET_KEY="another" * 5, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert (await viewer(sessions, cookie)).subject == f"user:{user.pk}"
    assert (await viewer(sessions, cookie)).subject == f"user:{user.pk}"


@pytest.mark.parametrize("cookie", ["", "short", "x" * 32, "x" * 5000, "a\x00b", "' OR 1=1 --", "ünal" * 8])
async def test_made_up_sessions_are_nobodys(store: str, sessions: Sessions, cookie: str) -> None:
    assert await viewer(sessions, cookie) is ANONYMOUS


async def test_without_the_store_sessions_go_on_and_others_are_not_told(
    store: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, cookie = await django(logged_in)
    await viewer(sessions, cookie)
    monkeypatch.setitem(connections.settings["default"], "HOST", "/nowhere")

    for _ in range(3):
        found = await sessions.authenticate(Credentials(session=cookie))
        assert found is not None
        assert found.viewer.subject == f"user:{user.pk}"
        assert found.until <= time.monotonic() + 1
    with pytest.raises(RequestError) as caught:
        await viewer(sessions, "x" * 32)
    assert (caught.value.status, caught.value.code) == (503, "IDENTITY_UNAVAILABLE")

    monkeypatch.undo()
    await django(log_out, cookie)
    sessions._away_until = 0
    assert await viewer(sessions, cookie) is ANONYMOUS


async def test_a_session_without_a_login_is_nobodys(store: str, sessions: Sessions) -> None:
    def visited() -> str:
        client = Client()
        session = client.session
        session["basket"] = [1]
        session.save()
        return str(session.session_key)

    assert await viewer(sessions, await django(visited)) is ANONYMOUS


async def test_users_of_a_backend_that_is_no_longer_used(store: str) -> None:
    _, cookie = await django(logged_in)

    with override_settings(AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.RemoteUserBackend"]):
        assert await django(read_session, cookie) is None
    await django(connections.close_all)


async def test_other_credentials_are_somebody_elses(sessions: Sessions) -> None:
    assert await sessions.authenticate(Credentials(bearer="x")) is None


async def test_a_flood_of_made_up_sessions_does_not_keep_one_alive_that_is_over(store: str, sessions: Sessions) -> None:
    _, cookie = await django(logged_in)
    assert (await viewer(sessions, cookie)).subject
    await django(log_out, cookie)
    flood = [asyncio.create_task(viewer(sessions, f"made-up-{number}")) for number in range(2 * WAITING)]
    await asyncio.sleep(0)

    found = await viewer(sessions, cookie)

    assert found is ANONYMOUS
    results = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(result, RequestError) for result in results) >= WAITING
