"""Keys at an issuer's address: read in the background, rotated, and kept while the issuer is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.endpoint.errors import RequestError
from gateway.identity.credentials import Credentials
from gateway.identity.keyring import KeyAddress
from gateway.identity.tokens import Tokens
from tests.gateway.identity.issuer import AUDIENCE, ISSUER, Issuer, ec_key, publishing, token

OLD, NEW = ec_key("old"), ec_key("new")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with publishing(OLD) as published:
        yield published


@asynccontextmanager
async def verifying(issuer: Issuer, **options: Any) -> AsyncIterator[tuple[Tokens, KeyAddress]]:
    keys = KeyAddress(issuer.url, **{"every_seconds": 3600, "kept_seconds": 3600, **options})
    tokens = Tokens(keys, ISSUER, [AUDIENCE])
    await tokens.open()
    try:
        yield tokens, keys
    finally:
        await tokens.close()


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - it is a server's thread that is waited for
            await asyncio.sleep(0.02)


async def subject(tokens: Tokens, text: str) -> str | None:
    found = await tokens.authenticate(Credentials(bearer=text))
    assert found is not None
    return found.viewer.subject


async def test_keys_are_read_before_anybody_asks(issuer: Issuer) -> None:
    async with verifying(issuer) as (tokens, keys):
        await until(lambda: keys.known)

        for _ in range(5):
            assert await subject(tokens, token(OLD)) == "jwt:ada"

    assert issuer.asked == 1


async def test_a_request_at_the_start_waits_for_the_keys(issuer: Issuer) -> None:
    async with verifying(issuer) as (tokens, _):
        assert await subject(tokens, token(OLD)) == "jwt:ada"

    assert issuer.asked == 1


async def test_a_new_key_is_read_when_the_first_token_comes(issuer: Issuer) -> None:
    async with verifying(issuer) as (tokens, keys):
        await until(lambda: keys.known)
        issuer.keys = [OLD, NEW]

        found = await asyncio.gather(*(subject(tokens, token(NEW)) for _ in range(10)))

        assert found == ["jwt:ada"] * 10
        assert issuer.asked == 2


async def test_tokens_of_unknown_keys_do_not_make_the_issuer_busy(issuer: Issuer) -> None:
    async with verifying(issuer) as (tokens, keys):
        await until(lambda: keys.known)
        for number in range(20):
            with pytest.raises(RequestError, match="the issuer has no key"):
                await subject(tokens, token(NEW, headers={"kid": str(number)}))

        assert issuer.asked == 2


async def test_a_withdrawn_key_is_no_longer_good(issuer: Issuer) -> None:
    async with verifying(issuer, every_seconds=0.1) as (tokens, keys):
        await until(lambda: keys.known)
        issuer.keys = [NEW]
        asked = issuer.asked
        await until(lambda: issuer.asked > asked + 1)

        with pytest.raises(RequestError, match="the issuer has no key 'old'"):
            await subject(tokens, token(OLD))


async def test_keys_go_on_while_the_issuer_is_away(issuer: Issuer) -> None:
    async with verifying(issuer, every_seconds=0.1) as (tokens, keys):
        await until(lambda: keys.known)
        issuer.status = 500
        asked = issuer.asked
        await until(lambda: issuer.asked > asked + 1)

        assert await subject(tokens, token(OLD)) == "jwt:ada"


async def test_but_not_for_ever(issuer: Issuer) -> None:
    async with verifying(issuer, every_seconds=0.1, kept_seconds=1) as (tokens, keys):
        await until(lambda: keys.known)
        issuer.status = 500
        await until(lambda: not keys.known)

        with pytest.raises(RequestError) as caught:
            await subject(tokens, token(OLD))

        assert (caught.value.status, caught.value.code) == (503, "IDENTITY_UNAVAILABLE")
        issuer.status = 200
        await until(lambda: keys.known)
        assert await subject(tokens, token(OLD)) == "jwt:ada"


async def test_keys_that_never_came_are_our_fault(issuer: Issuer) -> None:
    issuer.keys = []
    async with verifying(issuer) as (tokens, _):
        with pytest.raises(RequestError) as caught:
            await subject(tokens, token(OLD))

    assert caught.value.code == "IDENTITY_UNAVAILABLE"
