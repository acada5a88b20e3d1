"""API keys: who has one is known, until it is revoked or over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from gateway.endpoint.errors import RequestError
from gateway.errors import GatewayError
from gateway.identity import api_keys, keys
from gateway.identity.api_keys import ApiKeys
from gateway.identity.credentials import Credentials
from gateway.identity.key_text import new_key, read_key
from gateway.identity.store import CONNECTIONS, WAITING, IdentityStore
from loaders.errors import StoreBusy, StoreUnavailable
from loaders.viewer import Viewer
from tests.acceptance.processes import free_port

Connection = psycopg.AsyncConnection[Any]


@pytest.fixture
async def known(identity_store: IdentityStore) -> AsyncIterator[ApiKeys]:
    authenticator = ApiKeys(identity_store)
    await authenticator.open()
    try:
        yield authenticator
    finally:
        await authenticator.close()


async def viewer(authenticator: ApiKeys, key: str) -> Viewer:
    found = await authenticator.authenticate(Credentials(bearer=key))
    assert found is not None
    return found.viewer


async def refusal(authenticator: ApiKeys, key: str) -> RequestError:
    with pytest.raises(RequestError) as caught:
        await viewer(authenticator, key)
    return caught.value


async def refused_within(authenticator: ApiKeys, key: str, seconds: float) -> None:
    """Ask again and again; fails if the key is still good after so long."""
    deadline = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        try:
            await viewer(authenticator, key)
        except RequestError:
            return
        assert asked < deadline, "still good"
        await asyncio.sleep(0.02)


async def test_a_key_says_who_has_it_and_what_they_may(connection: Connection, known: ApiKeys) -> None:
    made = await keys.create(connection, "kiosk", ["prices:read"], {"audience": "STUDENTS"}, None)

    found = await viewer(known, made.key)

    assert found.subject == "key:kiosk"
    assert found.scopes == {"prices:read"}
    assert dict(found.facets) == {"audience": "STUDENTS"}


async def test_what_is_no_key_is_somebody_elses(known: ApiKeys) -> None:
    assert await known.authenticate(Credentials(bearer="eyJhbGciOi")) is None
    assert await known.authenticate(Credentials(session="lk_1")) is None


async def test_a_key_with_another_secret_is_refused(connection: Connection, known: ApiKeys) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)
    other = f"lk_{made.id}_{new_key().secret}"

    refused = await refusal(known, other)

    assert (refused.status, refused.code) == (401, "UNAUTHENTICATED")
    assert dict(refused.headers)[b"www-authenticate"] == b'Bearer realm="larder", error="invalid_token"'
    assert new_key().secret not in str(refused)


@pytest.mark.parametrize("text", ["lk_", "lk_0_1", "lk_00112233445Z_" + "0" * 64, "lk_" + "0" * 12 + "_" + "0" * 63])
async def test_a_key_that_is_not_whole_is_refused_without_asking_the_store(known: ApiKeys, text: str) -> None:
    assert "not whole" in (await refusal(known, text)).message


async def test_a_revoked_key_is_refused_within_a_second(connection: Connection, known: ApiKeys) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)
    await viewer(known, made.key)

    assert await keys.revoke(connection, "kiosk") == [made.id]

    await refused_within(known, made.key, 1.0)


async def test_a_recognised_key_is_asked_about_again_before_a_second_is_over(
    connection: Connection, known: ApiKeys
) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)

    before = time.monotonic()
    found = await known.authenticate(Credentials(bearer=made.key))

    assert found is not None
    assert found.until <= time.monotonic() + 1.0
    assert found.until > before


async def test_a_key_ends_when_it_expires(connection: Connection, known: ApiKeys) -> None:
    made = await keys.create(connection, "kiosk", [], {}, timedelta(seconds=1))
    recognised = await known.authenticate(Credentials(bearer=made.key))

    assert recognised is not None
    assert recognised.until <= time.monotonic() + 1.0
    await refused_within(known, made.key, 1.5)


async def test_an_unknown_key_asks_the_store_once(known: ApiKeys, identity_store: IdentityStore) -> None:
    asked: list[str] = []
    rows = identity_store.rows

    async def counted(statement: str, values: Any) -> Any:
        asked.append(statement)
        return await rows(statement, values)

    identity_store.rows = counted  # type: ignore[method-assign]
    text = new_key().text

    for _ in range(10):
        await refusal(known, text)

    assert len(asked) == 1


async def test_use_is_noted_to_the_minute(connection: Connection, identity_store: IdentityStore) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)
    authenticator = ApiKeys(identity_store)
    await authenticator.open()
    await viewer(authenticator, made.key)
    await authenticator.close()

    [listed] = await keys.listed(connection)

    assert listed.last_used_at is not None
    assert (listed.last_used_at.second, listed.last_used_at.microsecond) == (0, 0)


async def test_a_rotated_key_is_good_beside_the_one_before_for_the_overlap(
    connection: Connection, known: ApiKeys
) -> None:
    first = await keys.create(connection, "kiosk", ["a"], {"audience": "STUDENTS"}, timedelta(days=90))

    second = await keys.rotate(connection, "kiosk", timedelta(seconds=1), None)

    assert second.key != first.key
    assert second.expires_at is not None
    assert (await viewer(known, second.key)).subject == "key:kiosk"
    assert dict((await viewer(known, second.key)).facets) == {"audience": "STUDENTS"}
    await refused_within(known, first.key, 2.5)
    await viewer(known, second.key)


async def test_a_name_has_one_key_until_it_is_rotated(connection: Connection) -> None:
    await keys.create(connection, "kiosk", [], {}, None)

    with pytest.raises(GatewayError, match="kiosk has a key already"):
        await keys.create(connection, "kiosk", [], {}, None)
    with pytest.raises(GatewayError, match="nobody has no key that is good"):
        await keys.revoke(connection, "nobody")
    with pytest.raises(GatewayError, match="nobody has no key that is good: create one"):
        await keys.rotate(connection, "nobody", timedelta(0), None)


async def test_no_secret_is_stored_or_shown(connection: Connection) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)
    text = read_key(made.key)
    assert text is not None

    [row] = await (await connection.execute("SELECT key::text FROM larder_api_key AS key")).fetchall()

    assert text.secret not in row[0]
    assert text.digest.hex() in row[0]
    assert text.secret not in repr(text)
    assert text.secret not in repr(Credentials(bearer=made.key))


async def test_without_the_store_known_keys_go_on_and_others_are_not_told(
    connection: Connection, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)
    reached = IdentityStore(store)
    await reached.open()
    authenticator = ApiKeys(reached)
    await viewer(authenticator, made.key)
    nowhere = IdentityStore(f"postgresql://nobody@127.0.0.1:{free_port()}/x", timeout_seconds=0.3)
    await nowhere.open()
    authenticator.store = nowhere
    monkeypatch.setattr(time, "monotonic", ahead(2.0))

    assert (await viewer(authenticator, made.key)).subject == "key:kiosk"
    with pytest.raises(StoreUnavailable):
        await viewer(authenticator, new_key().text)

    monkeypatch.setattr(time, "monotonic", ahead(api_keys.OUTAGE_SECONDS + 2))
    with pytest.raises(StoreUnavailable):
        await viewer(authenticator, made.key)
    await nowhere.close()
    await reached.close()


def ahead(seconds: float) -> Callable[[], float]:
    """A monotonic clock that much ahead."""
    clock = time.perf_counter
    start, origin = time.monotonic(), clock()
    return lambda: start + clock() - origin + seconds


async def test_facets_are_text_whatever_an_operator_has_written(connection: Connection, known: ApiKeys) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)
    listed = await keys.create(connection, "list", [], {}, None)
    await connection.execute(
        "UPDATE larder_api_key SET facets = %s WHERE name = 'kiosk'",
        [Jsonb({"audience": ["STUDENTS"], "tier": 3, "staff": True, "none": None, "text": "x", "odd": {"a": 1}})],
    )
    await connection.execute("UPDATE larder_api_key SET facets = '[1]' WHERE name = 'list'")

    assert dict((await viewer(known, made.key)).facets) == {"tier": "3", "staff": "true", "text": "x"}
    assert dict((await viewer(known, listed.key)).facets) == {}


class BusyStore(IdentityStore):
    """A store of which every connection is taken, once ``busy`` says so."""

    busy = False

    async def rows(self, statement: str, values: Any) -> Any:
        if self.busy:
            raise StoreBusy
        return await super().rows(statement, values)


async def test_a_busy_store_is_no_outage(connection: Connection, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)
    busy = BusyStore(store)
    await busy.open()
    authenticator = ApiKeys(busy)
    await viewer(authenticator, made.key)
    busy.busy = True
    monkeypatch.setattr(time, "monotonic", ahead(2.0))

    with pytest.raises(StoreBusy):
        await viewer(authenticator, made.key)

    await busy.close()


async def test_a_flood_of_made_up_keys_does_not_keep_a_revoked_one_alive(connection: Connection, store: str) -> None:
    made = await keys.create(connection, "kiosk", [], {}, None)
    own, strangers = IdentityStore(store), IdentityStore(store, timeout_seconds=60)
    for one in (own, strangers):
        await one.open()
    authenticator = ApiKeys(own, strangers=strangers)
    await authenticator.open()
    await viewer(authenticator, made.key)
    # As many slow questions as there are connections and places to wait: not one more stranger can be asked about.
    flood = [asyncio.create_task(strangers.rows("SELECT pg_sleep(30)", [])) for _ in range(CONNECTIONS + WAITING)]
    await until_busy(authenticator)

    await keys.revoke(connection, "kiosk")
    await refused_within(authenticator, made.key, 1.0)

    for task in flood:
        task.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    await authenticator.close()
    await strangers.close()
    await own.close()


async def until_busy(authenticator: ApiKeys) -> None:
    """Return once nobody can be asked about who is not known."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with asyncio.timeout(0.2):
                    await refusal(authenticator, new_key().text)
            except StoreBusy:
                return
            except TimeoutError:
                continue
