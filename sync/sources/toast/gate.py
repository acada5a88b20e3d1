"""Whether a restaurant's menus are asked for: when the metadata calls them newer than those that were read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sync.documents import Document
from sync.sources.toast.options import Restaurant
from sync.sources.toast.shapes import Metadata, aware, of_restaurant, read_answer

AHEAD = timedelta(minutes=5)


def version_told(restaurant: Restaurant, answer: Document) -> datetime:
    """``lastUpdated`` of the metadata. Raises ``DocumentRefused``."""
    metadata = read_answer(answer.body, Metadata)
    of_restaurant(metadata.restaurant_guid, restaurant.guid)
    return aware(metadata.last_updated)


def version_had(cursor: Mapping[str, Any], guid: str, reading: str, told_at: datetime | None) -> datetime | None:
    """``lastUpdated`` of the menus that the store holds; None when they were never read, or in another way.

    A version well ahead of the supplier's own clock came from a clock that was wrong. It is forgotten: for as long as
    it is ahead, nothing would be newer.
    """
    match cursor.get(guid):
        case {"lastUpdated": str(told), "reading": str(read)} if read == reading:
            version = datetime.fromisoformat(told)
            return version if told_at is None or version <= told_at + AHEAD else None
    return None


def kept(version: datetime, reading: str) -> dict[str, Any]:
    """What the cursor keeps of menus that were read."""
    return {"lastUpdated": version.isoformat(), "reading": reading}
