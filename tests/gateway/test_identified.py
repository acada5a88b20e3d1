"""Credentials and rate limits together: bad ones are counted, good ones once, and nobody pays for somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import psycopg
import pytest

from gateway.config import config
from gateway.identity.key_text import new_key
from gateway.identity.keys import create
from tests.registered import configured, flush, running

ASKED = {"query": "{ __typename }"}


@asynccontextmanager
async def limited(monkeypatch: pytest.MonkeyPatch, **settings: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a gateway at which everybody may send five requests a minute."""
    gateway = configured(monkeypatch, RATE_LIMITS="5/minute", **settings)
    await flush(config().redis_url or "")
    async with running(gateway) as client:
        yield client


async def made(store: str, *names: str) -> list[dict[str, str]]:
    """Headers with a new key for each name."""
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
        return [{"x-api-key": (await create(connection, name, (), {}, None)).key} for name in names]


async def statuses(client: httpx2.AsyncClient, headers: Sequence[dict[str, str]]) -> list[int]:
    return [(await client.post("/graphql", json=ASKED, headers=one)).status_code for one in headers]


def made_up_keys() -> list[dict[str, str]]:
    return [{"x-api-key": new_key().text} for _ in range(8)]


@pytest.mark.parametrize(
    ("headers", "bad"),
    [
        (made_up_keys(), 401),
        ([{"authorization": "Basic YTpi"}] * 8, 401),
        ([{"authorization": f"Bearer token{number}"} for number in range(8)], 401),
        ([{"x-api-key": "a", "authorization": "Bearer b"}] * 8, 401),
        ([{"cookie": f"sessionid={number:032x}"} for number in range(8)], 200),
    ],
    ids=["keys", "one scheme", "tokens", "both", "sessions"],
)
async def test_made_up_credentials_are_counted_by_address(
    store: str, monkeypatch: pytest.MonkeyPatch, headers: list[dict[str, str]], bad: int
) -> None:
    async with limited(monkeypatch) as client:
        sent = await statuses(client, headers)
        nobody = await statuses(client, [{}])

    assert sent == [bad] * 5 + [429] * 3
    assert nobody == [429]


async def test_requests_without_a_credential_are_counted_where_one_is_needed(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with limited(monkeypatch, ANONYMOUS="off") as client:
        assert await statuses(client, [{}] * 7) == [401] * 5 + [429] * 2


async def test_a_good_key_is_counted_once_and_for_its_subject(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = await made(store, *(f"kiosk {number}" for number in range(8)))
    async with limited(monkeypatch) as client:
        each = [await statuses(client, [key] * 6) for key in keys]
        nobody = await statuses(client, [{}] * 6)

    assert each == [[200] * 5 + [429]] * 8
    assert nobody == [200] * 5 + [429]


async def test_who_was_known_is_not_refused_for_what_the_address_has_sent(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [key] = await made(store, "kiosk")
    gateway: Any = configured(monkeypatch, RATE_LIMITS="5/minute")
    await flush(config().redis_url or "")
    async with running(gateway) as client:
        assert await statuses(client, [key]) == [200]
        assert await statuses(client, made_up_keys()) == [401] * 5 + [429] * 3
        lapse(gateway)

        assert await statuses(client, [key]) == [200]


def lapse(gateway: Any) -> None:
    """Have every credential checked again."""
    known = gateway.routes["/graphql"].doors.identification._known
    for digest in list(known._values):
        known.put(digest, known.last(digest)[0], 0.0)
