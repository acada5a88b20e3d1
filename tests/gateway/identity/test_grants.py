"""What subjects were granted: loaded once, shared through Redis, and kept while the source is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from redis.asyncio import Redis

from gateway.endpoint.errors import RequestError
from gateway.identity.grants import Granted, Grants, facets_only, stored_viewers
from gateway.identity.redis_grants import RedisGrants
from gateway.identity.store import IdentityStore
from persisted_queries.redis_link import RedisLink
from tests.acceptance.processes import free_port

SECRET = b"s" * 32


class Source:
    """Tells one facet, and counts how often it is asked. broken: what it raises instead."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken: Exception | None = None
        self.audience = "STUDENTS"

    async def __call__(self, subject: str) -> Granted:
        self.asked.append(subject)
        await asyncio.sleep(0)
        if self.broken is not None:
            raise self.broken
        return Granted(frozenset({f"of:{subject}"}), {"audience": self.audience})


@pytest.fixture
async def link(redis_url: str) -> AsyncIterator[RedisLink]:
    async with Redis.from_url(redis_url) as redis:
        await redis.flushdb()
    opened = RedisLink(redis_url, timeout_seconds=5)
    yield opened
    await opened.close()


@pytest.fixture
def shared(link: RedisLink) -> RedisGrants:
    return RedisGrants(link, secret=SECRET, seconds=60)


async def test_the_table_tells_scopes_and_facets(store: str, identity_store: IdentityStore) -> None:
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
        await connection.execute(
            "INSERT INTO larder_viewer (subject, scopes, facets) VALUES (%s, %s, %s)",
            ["user:1", ["prices:read"], Jsonb({"audience": "STAFF", "tier": 3, "staff": True, "odd": [1], "no": None})],
        )
    read = stored_viewers(identity_store)

    found = await read("user:1")

    assert found.scopes == {"prices:read"}
    assert dict(found.facets) == {"audience": "STAFF", "tier": "3", "staff": "true"}
    assert not (await read("user:2")).facets


async def test_a_function_tells_facets() -> None:
    async def facets(subject: str) -> dict[str, str]:
        return {"audience": subject}

    assert dict((await facets_only(facets)("user:1")).facets) == {"audience": "user:1"}


async def test_a_source_is_asked_once_by_many() -> None:
    source = Source()
    grants = Grants(source, None, seconds=60)

    found = await asyncio.gather(*(grants.of("user:1") for _ in range(20)))
    await grants.of("user:1")

    assert source.asked == ["user:1"]
    assert {granted.scopes for granted, _ in found} == {frozenset({"of:user:1"})}


async def test_what_was_granted_counts_for_so_long() -> None:
    source = Source()
    grants = Grants(source, None, seconds=0.2)

    _, until = await grants.of("user:1")
    assert until <= time.monotonic() + 0.2
    source.audience = "STAFF"
    await asyncio.sleep(0.25)

    assert dict((await grants.of("user:1"))[0].facets) == {"audience": "STAFF"}


async def test_processes_share_what_one_has_loaded(shared: RedisGrants) -> None:
    source, other = Source(), Source()

    first, _ = await Grants(source, shared, seconds=60).of("user:1")
    second, until = await Grants(other, shared, seconds=60).of("user:1")

    assert other.asked == []
    assert (second.scopes, dict(second.facets)) == (first.scopes, dict(first.facets))
    assert until <= time.monotonic() + 60 - (time.time() - first.loaded) + 1


async def test_sharing_makes_nothing_last_longer(shared: RedisGrants) -> None:
    source = Source()
    await shared.put("user:1", Granted(facets={"audience": "OLD"}, loaded=time.time() - 61))

    found, _ = await Grants(source, shared, seconds=60).of("user:1")

    assert dict(found.facets) == {"audience": "STUDENTS"}


async def test_a_hash_with_a_time_to_live_and_no_name(shared: RedisGrants, redis_url: str) -> None:
    await shared.put("user:1", Granted(facets={"audience": "STUDENTS"}))

    async with Redis.from_url(redis_url) as redis:
        [key] = await redis.keys("larder:viewer:*")
        assert key == shared.key_of("user:1").encode()
        assert "user" not in shared.key_of("user:1")
        assert 0 < await redis.ttl(key) <= 60
        assert set(await redis.hgetall(key)) == {b"scopes", b"facets", b"loaded", b"seal"}


@pytest.mark.parametrize("poison", ["facets", "scopes", "loaded", "swapped", "string", "unsealed"])
async def test_what_was_never_written_is_not_believed(
    shared: RedisGrants, link: RedisLink, redis_url: str, poison: str
) -> None:
    await shared.put("user:1", Granted(facets={"audience": "STUDENTS"}))
    await shared.put("user:2", Granted(facets={"audience": "STAFF"}))
    key, other = shared.key_of("user:1"), shared.key_of("user:2")
    changes: dict[str, Any] = {"facets": '{"audience":"STAFF"}', "scopes": '["all"]', "loaded": "99999999999.0"}
    async with Redis.from_url(redis_url) as redis:
        if poison == "swapped":
            await redis.rename(other, key)
        elif poison == "string":
            await redis.set(key, "x")
        elif poison == "unsealed":
            await redis.hdel(key, "seal")
        else:
            await redis.hset(key, poison, changes[poison])
    source = Source()

    found, _ = await Grants(source, shared, seconds=60).of("user:1")

    assert source.asked == ["user:1"]
    assert dict(found.facets) == {"audience": "STUDENTS"}


async def test_without_redis_it_works_all_the_same() -> None:
    link = RedisLink(f"redis://127.0.0.1:{free_port()}")
    source = Source()
    grants = Grants(source, RedisGrants(link, secret=SECRET, seconds=60), seconds=60)

    found, _ = await grants.of("user:1")

    assert dict(found.facets) == {"audience": "STUDENTS"}
    await link.close()


async def test_while_the_source_is_away_what_is_known_goes_on() -> None:
    source = Source()
    grants = Grants(source, None, seconds=0.05)
    known, _ = await grants.of("user:1")
    source.broken = ValueError("out of order")
    await asyncio.sleep(0.1)

    again, until = await grants.of("user:1")

    assert dict(again.facets) == dict(known.facets)
    assert until <= time.monotonic() + 1
    with pytest.raises(RequestError) as caught:
        await grants.of("user:2")
    assert (caught.value.status, caught.value.code) == (503, "IDENTITY_UNAVAILABLE")
    assert "out of order" not in str(caught.value)
