"""What is known of a subject beside its credential: scopes and facets from a declared source, kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

import structlog

from gateway.identity.authenticators import unavailable
from gateway.identity.kept import Kept
from gateway.identity.store import IdentityStore
from loaders.errors import StoreError
from persisted_queries.flights import Flights

READ = "SELECT scopes, facets FROM larder_viewer WHERE subject = %s"
CAPACITY = 10_000
OUTAGE_SECONDS = 300.0
"""How long what was known of a subject goes on while the source does not answer."""

RETRY_SECONDS = 1.0
SOURCE_SECONDS = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Granted:
    """Scopes and facets of a subject. loaded: when the source told them, in seconds since 1970."""

    scopes: frozenset[str] = frozenset()
    facets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    loaded: float = field(default_factory=time.time)


Source = Callable[[str], Awaitable[Granted]]
"""Subject -> what it was granted."""


class SharedGrants(Protocol):
    """What all processes have loaded."""

    async def get(self, subject: str) -> Granted | None:
        """What is kept of a subject; None also where that cannot be told."""

    async def put(self, subject: str, granted: Granted) -> None:
        """Keep it."""


def stored_viewers(store: IdentityStore) -> Source:
    """The source that reads the table ``larder_viewer``; a subject without a row was granted nothing."""

    async def read(subject: str) -> Granted:
        for scopes, facets in await store.rows(READ, [subject]):
            return Granted(frozenset(scopes), stored_texts(facets))
        return Granted()

    return read


def facets_only(function: Callable[[str], Awaitable[Mapping[str, str]]]) -> Source:
    """The source made of a function that tells facets."""

    async def read(subject: str) -> Granted:
        return Granted(facets=MappingProxyType(texts(await function(subject))))

    return read


def texts(facets: Mapping[str, object]) -> dict[str, str]:
    """Facets with every value as text: numbers and booleans as JSON writes them; what has no such form is left out."""
    found = {}
    for name, value in facets.items():
        if isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, str | int):
            found[name] = str(value)
    return found


def stored_texts(facets: object) -> Mapping[str, str]:
    """The same of a column, in which an operator may have written any JSON: none where it is no object."""
    return MappingProxyType(texts(facets) if isinstance(facets, dict) else {})


class Grants:
    """What subjects were granted, ``seconds`` old at the most. shared: None without Redis."""

    def __init__(self, source: Source, shared: SharedGrants | None, *, seconds: float) -> None:
        self.source = source
        self.shared = shared
        self.seconds = seconds
        self._kept: Kept[str, Granted] = Kept(CAPACITY)
        self._flights: Flights[None] = Flights()

    async def close(self) -> None:
        """End what is under way."""
        await self._flights.stop()

    async def of(self, subject: str) -> tuple[Granted, float]:
        """What a subject was granted, and the monotonic time until which that counts. Raises ``RequestError``."""
        now = time.monotonic()
        if self._kept.get(subject, now) is None:
            await self._flights.join(subject, lambda: self._load(subject))
        found = self._kept.last(subject)
        if found is None:
            raise unavailable("The facets of the viewer cannot be loaded.")
        return found

    async def _load(self, subject: str) -> None:
        granted = await self.shared.get(subject) if self.shared is not None else None
        now = time.time()
        if granted is not None and (left := granted.loaded + self.seconds - now) > 0:
            self._kept.put(subject, granted, time.monotonic() + min(left, self.seconds))
            return
        try:
            async with asyncio.timeout(SOURCE_SECONDS):
                granted = replace(await self.source(subject), loaded=now)
        except StoreError:
            self._go_on(subject)
            return
        except Exception:
            log.exception("facets cannot be loaded")
            self._go_on(subject)
            return
        self._kept.put(subject, granted, time.monotonic() + self.seconds)
        if self.shared is not None:
            await self.shared.put(subject, granted)

    def _go_on(self, subject: str) -> None:
        """With what is known already, for a while."""
        if (known := self._kept.last(subject)) is None:
            return
        if known[0].loaded + self.seconds + OUTAGE_SECONDS < time.time():
            self._kept.forget(subject)
        else:
            self._kept.put(subject, known[0], time.monotonic() + RETRY_SECONDS)
