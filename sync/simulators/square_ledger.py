"""The books of a simulated Square seller: locations, catalog objects with their times and tombstones, counts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.simulators.errors import SimulatorError
from sync.simulators.supply import utc_now

Thing = dict[str, Any]

CHILDREN = {"ITEM": ("item_data", "variations"), "MODIFIER_LIST": ("modifier_list_data", "modifiers")}
"""Type -> where the objects stand that are nested in it."""


class ThingUnknown(SimulatorError):
    """The catalog has no such object."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the catalog has no object {key!r}")


class Ledger:
    """What a seller has. Every change gets a later time than the one before it, in milliseconds."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self.clock = clock
        self.locations: dict[str, Thing] = {}
        self.objects: dict[str, Thing] = {}
        """Live top-level objects; their nested ones stand in them."""
        self.tombstones: dict[str, Thing] = {}
        self.counts: dict[tuple[str, str], Thing] = {}
        self.latest = datetime.min.replace(tzinfo=UTC)

    def tick(self) -> str:
        """The time of a change."""
        now = self.clock().astimezone(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.latest = max(now, self.latest + timedelta(milliseconds=1))
        return timestamp(self.latest)

    def put(self, thing: Thing) -> None:
        """Add an object with what is nested in it, or put it in the place of the one of its id."""
        self.tombstones.pop(thing["id"], None)
        self.objects[thing["id"]] = thing
        for one in (thing, *nested(thing)):
            self.stamp(one)

    def stamp(self, thing: Thing) -> None:
        """Note that an object has changed. What it is nested in has not, for Square."""
        thing["updated_at"] = self.tick()
        thing["version"] = int(self.latest.timestamp() * 1000)
        thing["is_deleted"] = False

    def find(self, key: str) -> Thing:
        """The live object. Raises ``ThingUnknown``."""
        for thing in self.live():
            if thing["id"] == key:
                return thing
        raise ThingUnknown(key)

    def change(self, key: str, changed: Callable[[Thing], None]) -> None:
        """Change an object, wherever it stands. Raises ``ThingUnknown``."""
        thing = self.find(key)
        changed(thing)
        self.stamp(thing)

    def delete(self, key: str) -> None:
        """Delete an object, and what is nested in it. Raises ``ThingUnknown``."""
        thing = self.find(key)
        self.forget(key)
        for one in (thing, *nested(thing)):
            self.stamp(one)
            self.tombstones[one["id"]] = {**copy.deepcopy(one), "is_deleted": True}

    def forget(self, key: str) -> None:
        """Lose an object without a tombstone. Raises ``ThingUnknown``."""
        self.find(key)
        self.objects.pop(key, None)
        for thing in self.objects.values():
            children = nested(thing)
            children[:] = [child for child in children if child["id"] != key]

    def revive(self, key: str) -> None:
        """Bring a deleted top-level object back as it was. Raises ``ThingUnknown``."""
        if key not in self.tombstones or self.tombstones[key]["type"] in {"ITEM_VARIATION", "MODIFIER"}:
            raise ThingUnknown(key)
        thing = self.tombstones[key]
        for child in nested(thing):
            self.tombstones.pop(child["id"], None)
        self.put(thing)

    def count(self, variation: str, location: str, quantity: int) -> None:
        """Note how many of a variation are in stock at a location."""
        self.counts.pop((variation, location), None)
        self.counts[variation, location] = {
            "catalog_object_id": variation,
            "catalog_object_type": "ITEM_VARIATION",
            "state": "IN_STOCK",
            "location_id": location,
            "quantity": str(quantity),
            "calculated_at": self.tick(),
        }

    def live(self) -> Iterator[Thing]:
        """Every live object, nested ones too."""
        for thing in self.objects.values():
            yield thing
            yield from nested(thing)

    def related(self, things: Iterable[Thing]) -> list[Thing]:
        """The objects that ``things`` name, one level deep, less those that they are."""
        things = list(things)
        named = dict.fromkeys(key for thing in things for key in names(thing))
        return [self.objects[key] for key in named if key in self.objects and all(key != one["id"] for one in things)]


def nested(thing: Thing) -> list[Thing]:
    """The list of what is nested in an object: the object's own, so that it can be changed."""
    if thing["type"] not in CHILDREN:
        return []
    data, children = CHILDREN[thing["type"]]
    found: list[Thing] = thing[data].setdefault(children, [])
    return found


def names(thing: Thing) -> Iterator[str]:
    """Ids that an object names (``include_related_objects``)."""
    if thing["type"] == "ITEM_VARIATION":
        yield thing["item_variation_data"]["item_id"]
    data = thing.get("item_data", {})
    yield from (one["id"] for one in data.get("categories", ()))
    yield from data.get("tax_ids", ())
    yield from data.get("image_ids", ())
    yield from (one["modifier_list_id"] for one in data.get("modifier_list_info", ()))


def timestamp(instant: datetime) -> str:
    """RFC 3339 with milliseconds, as Square writes it."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"
