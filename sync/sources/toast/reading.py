"""One restaurant's menus on their way into records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sync.protocol import Event, Malformed, Payload, Record
from sync.sources.toast.options import Options, Restaurant
from sync.sources.toast.shapes import Published, Unreadable, entries

VISIBILITY = "visibility"


class Reading:
    """What the records of one restaurant have in common, and what has been said about it so far.

    Keys start with the restaurant's guid: Toast may give several restaurants of one owner the same item.
    """

    def __init__(self, options: Options, restaurant: Restaurant, published: Published) -> None:
        self.options = options
        self.restaurant = restaurant
        self.published = published
        self.said: dict[tuple[str, str], Payload] = {}
        self.reported: set[tuple[str, str]] = set()
        self.items: set[str] = set()
        """Guids of the items that were read."""
        self.sized: set[str] = set()
        """Guids of the modifier groups whose options' prices take the place of an item's own."""
        self.tax_modes: set[str] = set()
        """Those of the menu items."""
        groups = published.modifier_group_references.values()
        self.group_guids = {group.get("guid") for group in groups if isinstance(group, dict)}

    @property
    def scope(self) -> str:
        """The unit of absence and of freshness, which is the location's key too."""
        return self.restaurant.guid

    @property
    def timezone(self) -> str:
        """The IANA name of the restaurant's timezone."""
        return self.published.restaurant_time_zone

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are read, in the order of the options."""
        return tuple(dict.fromkeys(self.options.channels.values()))

    def key(self, *parts: str) -> str:
        """The key of something of this restaurant."""
        return "/".join((self.scope, *parts))

    def record(self, key: str, payload: Payload) -> Iterator[Event]:
        """Say it, unless the same was said before. What contradicts itself is said twice, and refused so."""
        if self.said.get((payload.kind, key)) != payload:
            self.said[payload.kind, key] = payload
            yield Record(self.scope, key, payload)

    def placed(self, key: str, payload: Payload) -> Iterator[Event]:
        """Say where something stands. What is listed twice stands where it is listed first."""
        if (payload.kind, key) not in self.said:
            yield from self.record(key, payload)

    def malformed(self, kind: str, key: str | None, why: Unreadable) -> Malformed:
        """Say that a row could not be read."""
        return Malformed(self.scope, kind, key, why.rule, why.value)

    def report(self, kind: str, key: str, why: Unreadable) -> Iterator[Event]:
        """Tell the operator, once, about something that the store has no words for; no stored row is kept for it."""
        if (kind, key) not in self.reported:
            self.reported.add((kind, key))
            yield Malformed(f"{self.scope}/left out", kind, key, why.rule, why.value)

    def visible(self, entry: dict[str, Any], within: Sequence[str]) -> tuple[str, ...]:
        """Those of the channels ``within`` that a thing is visible in; a silent one is wherever it stands.

        Raises ``Unreadable``.
        """
        if entry.get(VISIBILITY) is None:
            return tuple(within)
        places = entries(entry, VISIBILITY)
        shown = {channel for place, channel in self.options.channels.items() if place in places}
        return tuple(channel for channel in within if channel in shown)
