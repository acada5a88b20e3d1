"""Identity as settings want it, over a real store and a real Redis."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Jsonb

from gateway.config import Config, read_config
from gateway.endpoint.errors import RequestError
from gateway.errors import ConfigError
from gateway.identity import keys
from gateway.identity.authenticators import Recognised
from gateway.identity.building import build_identity
from gateway.identity.credentials import Credentials
from gateway.identity.identification import Identification
from gateway.identity.sessions import Sessions
from loaders.viewer import Viewer
from tests.gateway.identity.issuer import AUDIENCE, ISSUER, ec_key, publishing, token


class Badges:
    """Somebody's own authenticator: a bearer token is a badge's number."""

    async def authenticate(self, credentials: Credentials) -> Recognised | None:
        badge = credentials.bearer or ""
        return Recognised.for_seconds(Viewer(f"badge:{badge}"), 10) if badge.isdecimal() else None

    async def open(self) -> None: ...
    async def close(self) -> None: ...


async def by_name(subject: str) -> dict[str, str]:
    """Somebody's own source of facets."""
    return {"audience": subject.upper()}


@asynccontextmanager
async def identified(settings: Config) -> AsyncIterator[Identification]:
    identity = build_identity(settings, "secret" * 6)
    await identity.open()
    try:
        yield identity.identification
    finally:
        await identity.close()


def bearer(text: str) -> dict[bytes, bytes]:
    return {b"authorization": b"Bearer " + text.encode()}


async def test_a_viewer_by_default(store: str, redis_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
        made = await keys.create(connection, "kiosk", ["a"], {"audience": "STUDENTS"}, None)
        await connection.execute(
            "INSERT INTO larder_viewer (subject, scopes, facets) VALUES ('key:kiosk', ARRAY['b'], %s)",
            [Jsonb({"audience": "GUESTS", "tier": "gold"})],
        )

    async with identified(read_config()) as identification:
        found = await identification.viewer(bearer(made.key))
        with pytest.raises(RequestError, match="this kind of token is not taken here"):
            await identification.viewer(bearer("eyJhbGciOiJub25lIn0.e30."))

    assert found.subject == "key:kiosk"
    assert found.scopes == {"a", "b"}
    assert dict(found.facets) == {"audience": "STUDENTS", "tier": "gold"}


async def test_tokens_of_an_issuer(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ec_key("one")
    with publishing(key) as issuer:
        monkeypatch.setenv("LARDER_JWKS_URL", issuer.url)
        monkeypatch.setenv("LARDER_JWT_ISSUER", ISSUER)
        monkeypatch.setenv("LARDER_JWT_AUDIENCE", f"other,{AUDIENCE}")
        monkeypatch.setenv("LARDER_JWT_FACETS", "audience = member")

        async with identified(read_config()) as identification:
            found = await identification.viewer(bearer(token(key, {"member": "STAFF"})))

    assert (found.subject, dict(found.facets)) == ("jwt:ada", {"audience": "STAFF"})


async def test_authenticators_and_facets_of_ones_own(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARDER_AUTHENTICATORS", f"api-key,{__name__}:Badges")
    monkeypatch.setenv("LARDER_FACETS", f"{__name__}:by_name")
    monkeypatch.setenv("LARDER_REDIS_URL", "")

    async with identified(read_config()) as identification:
        found = await identification.viewer(bearer("007"))
        assert not identification.authenticated_by_cookie({b"cookie": b"sessionid=x"})

    assert (found.subject, dict(found.facets)) == ("badge:007", {"audience": "BADGE:007"})


@pytest.mark.parametrize("setting", ["LARDER_AUTHENTICATORS", "LARDER_FACETS"])
def test_what_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv(setting, "nowhere.at_all:thing")

    with pytest.raises(ConfigError, match=f"{setting}: nowhere.at_all:thing cannot be imported"):
        build_identity(read_config(), "secret" * 6)


def test_a_file_of_keys_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("?")
    monkeypatch.setenv("LARDER_JWT_KEYS", str(tmp_path / "keys.json"))
    monkeypatch.setenv("LARDER_JWT_ISSUER", ISSUER)
    monkeypatch.setenv("LARDER_JWT_AUDIENCE", AUDIENCE)

    with pytest.raises(ConfigError, match="is no JWK set"):
        build_identity(read_config(), "secret" * 6)


async def test_sessions_count_for_as_long_as_the_setting_says(store: str) -> None:
    sessions = Sessions(seconds=7)

    found = await sessions.authenticate(Credentials(session="nobody-at-all"))

    assert found is not None
    assert 0 < found.until - time.monotonic() <= 7
    await sessions.close()
