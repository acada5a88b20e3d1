"""API keys in the store: made, listed, revoked, rotated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from gateway.errors import GatewayError
from gateway.identity.key_text import KeyText, new_key

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

CREATE = """
INSERT INTO larder_api_key (id, name, secret_sha256, scopes, facets, expires_at)
SELECT %s, %s, %s, %s, %s, now() + %s::interval
WHERE NOT EXISTS (
    SELECT FROM larder_api_key
    WHERE name = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
)
RETURNING expires_at
"""
ROTATE = """
WITH newest AS (
    SELECT id, name, scopes, facets, expires_at - created_at AS life FROM larder_api_key
    WHERE name = %(name)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    ORDER BY created_at DESC, id LIMIT 1
), ending AS (
    UPDATE larder_api_key AS key SET expires_at = least(key.expires_at, now() + %(overlap)s::interval)
    FROM newest WHERE key.name = newest.name AND key.revoked_at IS NULL
), made AS (
    INSERT INTO larder_api_key (id, name, secret_sha256, scopes, facets, expires_at)
    SELECT %(id)s, name, %(digest)s, scopes, facets, now() + coalesce(%(life)s::interval, life) FROM newest
    RETURNING expires_at
)
SELECT expires_at FROM made
"""
REVOKE = """
UPDATE larder_api_key SET revoked_at = now()
WHERE (name = %(which)s OR id = %(which)s) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
RETURNING id
"""
LIST = """
SELECT id, name,
       CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'good' END,
       scopes, facets, created_at, expires_at, last_used_at
FROM larder_api_key WHERE %s::text IS NULL OR name = %s ORDER BY name, created_at DESC, id
"""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key at the only time that its text is known."""

    name: str
    key: str
    id: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as lists show it. state: good, expired or revoked."""

    id: str
    name: str
    state: str
    scopes: Sequence[str]
    facets: Mapping[str, str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


async def create(
    connection: Connection, name: str, scopes: Sequence[str], facets: Mapping[str, str], life: timedelta | None
) -> MadeKey:
    """Make a key. life: how long it is good, None for ever. Raises ``GatewayError`` where the name has a good one."""
    key = new_key()
    values = [key.key_id, name, key.digest, sorted(set(scopes)), Jsonb(dict(facets)), life, name]
    found = await (await connection.execute(CREATE, values)).fetchone()
    if found is None:
        raise GatewayError(f"{name} has a key already: rotate it, or revoke it first")
    return made(name, key, found[0])


async def rotate(connection: Connection, name: str, overlap: timedelta, life: timedelta | None) -> MadeKey:
    """Make another key with the scopes and facets of a name's newest one; those before are good for ``overlap`` more.

    life: None for that of the one before. Raises ``GatewayError`` where the name has no good key.
    """
    key = new_key()
    values = {"name": name, "overlap": overlap, "id": key.key_id, "digest": key.digest, "life": life}
    found = await (await connection.execute(ROTATE, values)).fetchone()
    if found is None:
        raise GatewayError(f"{name} has no key that is good: create one")
    return made(name, key, found[0])


async def revoke(connection: Connection, which: str) -> Sequence[str]:
    """Revoke the keys of a name, or the key of an id. Returns: their ids. Raises ``GatewayError`` without any."""
    found = await (await connection.execute(REVOKE, {"which": which})).fetchall()
    if not found:
        raise GatewayError(f"{which} has no key that is good")
    return sorted(key_id for (key_id,) in found)


async def listed(connection: Connection, name: str | None = None) -> Sequence[ListedKey]:
    """All keys, or those of a name; the newest of each name first."""
    return [ListedKey(*row) for row in await (await connection.execute(LIST, [name, name])).fetchall()]


def made(name: str, key: KeyText, expires_at: datetime | None) -> MadeKey:
    return MadeKey(name, key.text, key.key_id, expires_at)
