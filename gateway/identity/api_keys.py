"""API keys: the store says which are good, and is asked again and again for those in use."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from gateway.identity.authenticators import Recognised, unauthenticated
from gateway.identity.credentials import Credentials
from gateway.identity.grants import stored_texts
from gateway.identity.kept import Kept
from gateway.identity.key_text import PREFIX, read_key
from gateway.identity.store import IdentityStore
from loaders.errors import StoreError, StoreUnavailable
from loaders.viewer import Viewer
from persisted_queries.flights import Flights

READ = """
SELECT id, name, secret_sha256, scopes, facets, extract(epoch FROM expires_at - now())::float8
FROM larder_api_key
WHERE id = ANY(%s) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""
NOTE_USE = """
UPDATE larder_api_key AS key SET last_used_at = date_trunc('minute', now())
FROM (
    SELECT id FROM larder_api_key
    WHERE id = ANY(%s) AND (last_used_at IS NULL OR last_used_at < date_trunc('minute', now()))
    ORDER BY id FOR UPDATE SKIP LOCKED
) AS used
WHERE key.id = used.id
"""
GOOD_SECONDS = 0.9
"""How long after the store was asked its word counts: what it says of a key is never older than this and a request."""

EVERY_SECONDS = 0.4
USE_SECONDS = 60.0
OUTAGE_SECONDS = 300.0
"""How long a key that was good stays so while the store does not answer."""

CAPACITY = 10_000
REFUSED = "the API key is not known, or no longer good"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key that was good when the store was asked. expires: by the monotonic clock, ``inf`` without an end."""

    viewer: Viewer
    digest: bytes = field(repr=False)
    expires: float


class ApiKeys:
    """Knows the bearers of ``lk_…`` keys.

    A revoked key is refused by every process a second later at the most: keys in use are asked about in one statement
    every ``EVERY_SECONDS``, others when they are used again.

    strangers: over which keys are looked up that were never good here, so that a flood of made-up ones takes no
    connection from the others; None for ``store`` too.
    """

    def __init__(
        self, store: IdentityStore, *, strangers: IdentityStore | None = None, capacity: int = CAPACITY
    ) -> None:
        self.store = store
        self.strangers = strangers
        self._keys: Kept[str, StoredKey] = Kept(capacity)
        self._unknown: Kept[str, bool] = Kept(capacity)
        self._flights: Flights[None] = Flights()
        self._in_use: set[str] = set()
        self._to_note: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to ask about keys in use."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Stop asking, and write which keys were used."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._flights.stop()
        await self._note_use()

    async def authenticate(self, credentials: Credentials) -> Recognised | None:
        """Whose key it is."""
        if credentials.bearer is None or not credentials.bearer.startswith(PREFIX):
            return None
        text = read_key(credentials.bearer)
        if text is None:
            raise unauthenticated("the API key is not whole: it has the form lk_<id>_<secret>")
        found = await self._key(text.key_id)
        if found is None or not hmac.compare_digest(found[0].digest, text.digest):
            raise unauthenticated(REFUSED)
        key, until = found
        if key.expires <= time.monotonic():
            raise unauthenticated(REFUSED)
        self._in_use.add(text.key_id)
        self._to_note.add(text.key_id)
        return Recognised(key.viewer, min(until, key.expires))

    async def _key(self, key_id: str) -> tuple[StoredKey, float] | None:
        """A key, and until when the store need not be asked about it."""
        now = time.monotonic()
        if self._unknown.get(key_id, now):
            return None
        if self._keys.get(key_id, now) is None:
            try:
                await self._flights.join(key_id, lambda: self._look_up(key_id))
            except StoreUnavailable:
                found = self._keys.last(key_id)
                if found is None or found[1] + OUTAGE_SECONDS < now:
                    raise
                return found[0], now + EVERY_SECONDS
        return self._keys.last(key_id)

    async def _look_up(self, key_id: str) -> None:
        stranger = self.strangers is not None and self._keys.last(key_id) is None
        await self._read([key_id], self.strangers if stranger else None)

    async def _read(self, key_ids: Collection[str], store: IdentityStore | None = None) -> None:
        asked = time.monotonic()
        rows = await (store or self.store).rows(READ, [list(key_ids)])
        for key_id, name, digest, scopes, facets, left in rows:
            viewer = Viewer(f"key:{name}", frozenset(scopes), stored_texts(facets))
            expires = asked + left if left is not None else float("inf")
            self._keys.put(key_id, StoredKey(viewer, digest, expires), asked + GOOD_SECONDS)
        for key_id in set(key_ids).difference(row[0] for row in rows):
            self._keys.forget(key_id)
            self._unknown.put(key_id, value=True, until=asked + GOOD_SECONDS)

    async def _watch(self) -> None:
        noted = time.monotonic()
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            in_use, self._in_use = self._in_use, set()
            if in_use:
                with suppress(StoreError):
                    await self._read(in_use)
            if time.monotonic() - noted > USE_SECONDS:
                noted = time.monotonic()
                await self._note_use()

    async def _note_use(self) -> None:
        used, self._to_note = self._to_note, set()
        if not used:
            return
        try:
            await self.store.rows(NOTE_USE, [list(used)])
        except StoreError as error:
            log.warning("uses of API keys are not written", keys=len(used), error=str(error))
