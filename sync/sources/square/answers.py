"""Square's answers around what they hold: pages, errors, clocks (Square API 2025-08-20).

What makes an answer unreadable raises ``DocumentRefused``; objects are left for later: one cannot spoil all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from sync.errors import DocumentRefused
from sync.sources.square.place_shapes import LocationStatus
from sync.sources.square.unreadable import shown

T = TypeVar("T")


class Objects(msgspec.Struct, frozen=True):
    """``SearchCatalogObjectsResponse``, ``BatchRetrieveCatalogObjectsResponse``."""

    objects: list[msgspec.Raw] = []
    related_objects: list[msgspec.Raw] = []
    cursor: str | None = None
    latest_time: str | None = None
    errors: list[Any] = []


class Count(msgspec.Struct, frozen=True):
    """``InventoryCount``."""

    catalog_object_id: str
    location_id: str
    state: str
    quantity: str
    calculated_at: str


class Counts(msgspec.Struct, frozen=True):
    """``BatchRetrieveInventoryCountsResponse``."""

    counts: list[Count] = []
    cursor: str | None = None
    errors: list[Any] = []


class Locations(msgspec.Struct, frozen=True):
    """``ListLocationsResponse``."""

    locations: list[msgspec.Raw] = []
    errors: list[Any] = []


class OneLocation(msgspec.Struct, frozen=True):
    """``RetrieveLocationResponse``."""

    location: LocationStatus


def reader(shape: type[T]) -> Callable[[bytes], T]:
    """A function from an answer's body to ``shape``."""
    decoder = msgspec.json.Decoder(shape)

    def read(body: bytes) -> T:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as exc:
            raise DocumentRefused("an answer must have the documented shape", exc) from exc
        except (ValueError, RecursionError) as exc:
            raise DocumentRefused("an answer must be JSON", f"{exc}; it starts with {shown(body)}") from exc

    return read


read_objects = reader(Objects)
read_counts = reader(Counts)
read_locations = reader(Locations)
read_one_location = reader(OneLocation)
