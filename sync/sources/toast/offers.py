"""An item's offers, out of its prices in all menus that it stands in.

A price of Toast belongs to an item in a menu, an offer of ours to an item. So a difference between menus is told by
what is different about them: their channels, their hours, or both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sync.protocol import Event
from sync.records import OfferRecord
from sync.sources.toast.prices import Price
from sync.sources.toast.reading import Reading
from sync.sources.toast.shapes import Unreadable


@dataclass(frozen=True, slots=True)
class Where:
    """Where a price holds; None: everywhere. ``hours`` are the key of those of the menu ``menu``."""

    channel: str | None = None
    menu: str | None = None
    hours: str | None = None

    def key(self, item: str) -> str:
        """The key of the offer."""
        return "/".join(filter(None, (item, "price", self.channel, self.menu)))

    @property
    def in_channel(self) -> Where:
        """The same, less the hours."""
        return Where(channel=self.channel)

    @property
    def in_hours(self) -> Where:
        """The same, less the channel."""
        return replace(self, channel=None)


@dataclass(frozen=True, slots=True)
class Observed:
    """An item's price in one channel of one menu, or why it cannot be read; ``specific``: another menu may differ."""

    menu: str
    where: Where
    """Names the menu when it has hours."""
    price: Price | Unreadable
    specific: bool


def observed(menu: str, hours: str | None, channel: str, price: Price | Unreadable, *, specific: bool) -> Observed:
    """A price where it was seen."""
    return Observed(menu, Where(channel, menu if hours else None, hours), price, specific)


def item_offers(reading: Reading, item: str, seen: Sequence[Observed]) -> Iterator[Event]:
    """An item's offers. Where they stand follows from the menus alone, so that a price keeps its row when it moves."""
    for where, together in apart(seen).items():
        key = where.key(item)
        try:
            price = agreed(together)
        except Unreadable as why:
            yield reading.malformed(OfferRecord.kind, key, why)
        else:
            yield from reading.record(key, price.offer(item, channel=where.channel, schedule=where.hours))


def apart(seen: Sequence[Observed]) -> dict[Where, list[Observed]]:
    """The prices, told apart by as little as leaves one menu each: nothing, channels, hours, or both."""
    ways: list[dict[Where, list[Observed]]] = [{}, {}, {}, {}]
    for one in seen:
        places = (Where(), one.where.in_channel, one.where.in_hours, one.where)
        for way, where in zip(ways, places, strict=True):
            way.setdefault(where, []).append(one)
    if not any(one.specific for one in seen):
        return ways[0]
    return next((way for way in ways if all(len({one.menu for one in each}) == 1 for each in way.values())), ways[-1])


def agreed(together: Sequence[Observed]) -> Price:
    """The one price. Raises ``Unreadable`` for several, which nobody could believe, and when one cannot be read."""
    prices: set[Price] = set()
    for one in together:
        if isinstance(one.price, Unreadable):
            raise one.price
        prices.add(one.price)
    if len(prices) > 1:
        amounts = ", ".join(sorted(str(price.amount) for price in prices))
        raise Unreadable("menus that nothing tells apart must agree on a price", amounts)
    return prices.pop()
