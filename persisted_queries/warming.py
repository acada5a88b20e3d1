"""Prepares documents before anybody asks for them, without taking the event loop from those who ask."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Generic, TypeVar

import structlog

from persisted_queries.memory import DOCUMENT_BYTES, Entry
from persisted_queries.store import Listing
from persisted_queries.tiers import Tiers

P = TypeVar("P")

START_SECONDS = 10.0
"""How long a start waits for warming at most."""

SHARE = 0.25
"""Part of the time that warming takes from a process that serves."""

log = structlog.get_logger(__name__)


class Warming(Generic[P]):
    """Lets the ids of listed documents lead to what is prepared of them. warmed, failed: documents so far."""

    def __init__(self, tiers: Tiers[P]) -> None:
        self.tiers = tiers
        self.warmed = 0
        self.failed = 0

    async def warm(
        self, listing: Listing, deadline: float = math.inf, *, share: float = 1.0, coldest: bool = True
    ) -> Listing:
        """Prepare documents in the listing's order until the deadline, busy for a ``share`` of the time.

        Ends early when the listing is out of date. coldest: each is colder than the one before, and none makes another
        go. deadline: on the monotonic clock. Returns: those left.
        """
        for position, (document_ids, document) in enumerate(listing.documents):
            began = time.monotonic()
            full = coldest and not self.tiers.memory.room_for(DOCUMENT_BYTES + len(document.text))
            if began >= deadline or full or listing.generation != self.tiers.generation:
                return Listing(listing.generation, listing.documents[position:])
            try:
                entry = Entry(document, await self.tiers.prepared(document, coldest=coldest))
            except Exception as error:  # noqa: BLE001 - whatever the gateway's preparing raises
                # It answers with its error when somebody asks for it.
                self.failed += 1
                log.warning("document not warmed", sha256=document.sha256, error=str(error))
            else:
                self.warmed += 1
                if listing.generation == self.tiers.generation:
                    self.tiers.memory.put(document_ids, entry, coldest=coldest)
            await asyncio.sleep((time.monotonic() - began) * (1 / share - 1))
        return Listing(listing.generation, [])
