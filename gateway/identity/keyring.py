"""The public keys that verify tokens (RFC 7517): out of a file, or of an issuer's address, read in the background."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import orjson
import structlog
from jwt import PyJWK, PyJWKClient, PyJWKSet, PyJWTError

from gateway.errors import ConfigError
from persisted_queries.flights import Flights

FETCH_SECONDS = 2.0
UNKNOWN_SECONDS = 10.0
"""Tokens with unknown key ids ask the issuer no more often than this."""

RETRY_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Keys(Protocol):
    """Where the key of a token is found."""

    async def key(self, key_id: str | None) -> PyJWK | None:
        """The key of an id; without one, the only key there is. None where there is none such."""

    @property
    def known(self) -> bool:
        """Whether there are keys, so that a missing one means something."""

    async def open(self) -> None:
        """Begin to read."""

    async def close(self) -> None:
        """Stop."""


class KeyFile:
    """The keys of a JWK set in a file, read once. Raises ``ConfigError``."""

    known = True

    def __init__(self, path: Path) -> None:
        try:
            self._keys = signing_keys(PyJWKSet.from_dict(orjson.loads(path.read_bytes())))
        except (OSError, ValueError, AttributeError, PyJWTError) as error:
            raise ConfigError("LARDER_JWT_KEYS", f"{path} is no JWK set: {error}") from error

    async def key(self, key_id: str | None) -> PyJWK | None:
        """The key of an id."""
        return chosen(self._keys, key_id)

    async def open(self) -> None:
        """Begin nothing."""

    async def close(self) -> None:
        """End nothing."""


class KeyAddress:
    """The keys of an issuer, read in a thread every ``every_seconds``; a request never waits for that but once.

    An unknown key id has them read at once, because issuers rotate keys; that once in ``unknown_seconds``. While the
    issuer does not answer, the last keys are good for ``kept_seconds``.
    """

    def __init__(
        self, url: str, *, every_seconds: float, kept_seconds: float, unknown_seconds: float = UNKNOWN_SECONDS
    ) -> None:
        self.every_seconds = every_seconds
        self.kept_seconds = kept_seconds
        self.unknown_seconds = unknown_seconds
        self._client = PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_SECONDS)
        self._keys: Mapping[str | None, PyJWK] = {}
        self._read = self._asked = float("-inf")
        self._flights: Flights[bool] = Flights()
        self._task: asyncio.Task[None] | None = None

    @property
    def known(self) -> bool:
        """Whether keys were read, and not too long ago."""
        return time.monotonic() - self._read < self.kept_seconds

    async def open(self) -> None:
        """Begin to read keys."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._flights.stop()

    async def key(self, key_id: str | None) -> PyJWK | None:
        """The key of an id, read anew where it is not known."""
        if not self.known or chosen(self._keys, key_id) is None:
            await self._refresh_for_unknown()
        return chosen(self._keys, key_id) if self.known else None

    async def _refresh_for_unknown(self) -> None:
        if self._flights or time.monotonic() - self._asked > self.unknown_seconds:
            self._asked = time.monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(FETCH_SECONDS):
                    await self.refresh()

    async def refresh(self) -> bool:
        """Read the keys. Returns: whether the issuer told them."""
        return await self._flights.join("", self._fetch)

    async def _fetch(self) -> bool:
        asked = time.monotonic()
        try:
            found = signing_keys(await asyncio.to_thread(self._client.get_jwk_set))
        except (PyJWTError, OSError, ValueError) as error:
            log.warning("keys of the issuer cannot be read", error=str(error))
            return False
        self._keys, self._read = found, asked
        return True

    async def _watch(self) -> None:
        while True:
            told = await self.refresh()
            await asyncio.sleep(self.every_seconds if told else min(RETRY_SECONDS, self.every_seconds))


def signing_keys(keys: PyJWKSet) -> dict[str | None, PyJWK]:
    """Keys by id, those alone that verify signatures. Secret ones do not belong into a published set: left out."""
    good = [key for key in keys if key.public_key_use in {None, "sig"} and key.key_type != "oct" and may_verify(key)]
    return {key.key_id: key for key in good}


def may_verify(key: PyJWK) -> bool:
    """Whether the key's own ``key_ops`` (RFC 7517 section 4.3) allow it."""
    operations: Any = key._jwk_data.get("key_ops")  # noqa: SLF001 - no other way to the member
    return operations is None or "verify" in operations


def chosen(keys: Mapping[str | None, PyJWK], key_id: str | None) -> PyJWK | None:
    """The key of an id; without an id the only key."""
    if key_id is None and len(keys) == 1:
        return next(iter(keys.values()))
    return keys.get(key_id)
