"""What the stream remembers: the document that it had, with what was pushed since, and when to ask for the next one.

Two entries of the cursor. ``merchant`` is written whatever became of the rows. ``published`` names the document that
was published in full: it is deleted when something of it was refused, and stays the older one when a guard held it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sync.documents import Document
from sync.protocol import Checkpoint
from sync.sources.open_delivery.document import Merchant, packed, unpacked

UNIT = "ledger"
"""A unit of freshness that nothing hangs on, so that its checkpoint counts whatever is refused or held."""
READING = 1
"""Number of this reading of the document. Raise it when it means other rows: the document is then read again."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """``asked_at``: our clock. ``says``: our clock at the document's ``lastUpdate``; what was pushed before is in it.

    ``again``: the document is to be asked for, whatever its TTL.
    """

    merchant: Merchant
    currency: str | None
    asked_at: datetime
    says: datetime | None
    again: bool = False

    @classmethod
    def read(cls, cursor: dict[str, Any]) -> Ledger | None:
        """What earlier runs left; None when they left nothing, or read it in another way."""
        kept = cursor.get("merchant")
        if not kept or kept.get("reading") != READING:
            return None
        says = kept["says"]
        return cls(
            merchant=unpacked(kept["document"]),
            currency=kept["currency"],
            asked_at=datetime.fromisoformat(kept["asked_at"]),
            says=says and datetime.fromisoformat(says),
            again=kept["again"],
        )

    def due(self, now: datetime, published: Published | None) -> bool:
        """Whether the supplier is to be asked: its TTL is over, or a guard wants to hear the same once more."""
        held = published is not None and published.asked_at != self.asked_at
        return self.again or held or now >= self.asked_at + timedelta(seconds=self.merchant.ttl_seconds)

    def with_updates(self, merchant: Merchant, *, again: bool) -> Ledger:
        """The same with updates laid over the document."""
        return replace(self, merchant=merchant, again=again)

    @property
    def entry(self) -> dict[str, Any]:
        """As the cursor keeps it."""
        return {
            "reading": READING,
            "id": self.merchant.id,
            "ttl_seconds": self.merchant.ttl_seconds,
            "currency": self.currency,
            "asked_at": self.asked_at.isoformat(),
            "says": self.says and self.says.isoformat(),
            "again": self.again,
            "document": packed(self.merchant),
        }


@dataclass(frozen=True, slots=True)
class Published:
    """The document that was published last, named by when it was asked for; ``etag``: its entity tag."""

    asked_at: datetime
    etag: str | None

    @classmethod
    def read(cls, cursor: dict[str, Any]) -> Published | None:
        """None when something of it was refused, or pushed over it."""
        kept = cursor.get("published")
        return kept and cls(datetime.fromisoformat(kept["asked_at"]), kept["etag"])

    def checkpoint(self, merchant: str, document: str) -> Checkpoint:
        """To be yielded after the scope of the document."""
        entry = {"asked_at": self.asked_at.isoformat(), "etag": self.etag}
        return Checkpoint(merchant, {"published": entry}, document=document)


def kept(ledger: Ledger, **more: Any) -> Checkpoint:
    """The checkpoint of the ledger."""
    return Checkpoint(UNIT, {"merchant": ledger.entry, **more})


def says_at(answer: Document, merchant: Merchant, now: datetime) -> datetime | None:
    """``lastUpdate`` by our clock: as long ago as it is by the supplier's."""
    updated_at = merchant.updated_at
    if updated_at is None or answer.told_at is None:
        return updated_at
    return now - max(answer.told_at - updated_at, timedelta())
