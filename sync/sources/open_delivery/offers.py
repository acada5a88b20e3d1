"""Item offers: each an item of its own, at a price, with groups of options and its availability.

An item that is offered twice, say at two prices, is sold in two ways; and one that is an option too has no options
there. So what is sold is the offer, and an ``Item`` of the document only lends it its name and description.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from sync.protocol import Malformed, Record
from sync.records import AvailabilityRecord, ItemGroupRecord, ItemRecord, OfferRecord
from sync.sources.open_delivery.entities import Catalogue
from sync.sources.open_delivery.labels import read_info
from sync.sources.open_delivery.places import schedule_of
from sync.sources.open_delivery.prices import currency_of, read_offer
from sync.sources.open_delivery.rows import Row, row, unnamed
from sync.sources.open_delivery.shapes import Dangling, Item, ItemOffer, Option, Unreadable, is_available

PICTURE = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


def offer_key(offer: str) -> str:
    """Key of the item that an item offer is."""
    return f"itemOffer/{offer}"


def offer_rows(catalogue: Catalogue) -> Iterator[Row]:
    """Items, prices, availability and groups of all item offers."""
    scope, currency = catalogue.merchant, currency_of(catalogue)
    for name, offer in catalogue.item_offers.found.items():
        key = offer_key(name)
        if isinstance(offer, Unreadable):
            for kind in (ItemRecord.kind, OfferRecord.kind, AvailabilityRecord.kind):
                yield Malformed(scope, kind, key, offer.rule, offer.value)
            yield from unnamed(scope, ItemGroupRecord.kind, offer)
            continue
        yield row(scope, ItemRecord.kind, key, partial(item, catalogue, offer))
        yield row(scope, OfferRecord.kind, key, partial(price, catalogue, offer, currency))
        yield row(scope, AvailabilityRecord.kind, key, partial(availability, catalogue, key, offer))
        yield from group_rows(catalogue, offer)


def item(catalogue: Catalogue, sold: ItemOffer | Option) -> ItemRecord:
    """What an item offer or an option is. Raises ``Unreadable``."""
    found = catalogue.items.linked("itemId", sold.item_id)
    return ItemRecord(
        name=found.name,
        language=catalogue.reading.language,
        location=catalogue.merchant,
        description=text_of("description", found.description),
        media=media(found),
        **read_info(found.nutritional_info),
    )


def text_of(name: str, value: Any) -> str | None:
    """A text, None when there is none. Raises ``Unreadable``."""
    if value is None or isinstance(value, str):
        return value or None
    raise Unreadable(f"{name} must be a text", repr(value))


def media(found: Item) -> tuple[str, ...]:
    """URLs of pictures: of ``images`` the MAIN ones first; ``image`` counts only without them."""
    images = found.images or [found.image]
    pictures = [picture for picture in images if isinstance(picture, dict)] if isinstance(images, list) else []
    urls = [picture.get("URL") for picture in sorted(pictures, key=lambda one: one.get("type") == "THUMB")]
    return tuple(dict.fromkeys(url for url in urls if isinstance(url, str) and PICTURE.fullmatch(url)))


def price(catalogue: Catalogue, offer: ItemOffer, currency: str | None) -> OfferRecord:
    """The price of an item offer, while it is served. Raises ``Unreadable``."""
    hours = schedule_of(catalogue, offer.availability_id)
    unit = unit_of(catalogue, offer.item_id)
    return read_offer(offer_key(offer.id), offer.price, currency, unit, schedule=hours)


def unit_of(catalogue: Catalogue, name: Any) -> Any:
    """The unit that prices of an item are for; that of pieces when the item is not there."""
    try:
        return catalogue.items.linked("itemId", name).unit
    except Dangling:
        return None


def availability(catalogue: Catalogue, key: str, sold: ItemOffer | Option) -> AvailabilityRecord:
    """Whether an item offer or an option can be had: it must be AVAILABLE, and its item. Raises ``Unreadable``."""
    statuses = sold.status, catalogue.items.linked("itemId", sold.item_id).status
    state = "AVAILABLE" if is_available(statuses) else "SOLD_OUT"
    return AvailabilityRecord(item=key, location=catalogue.merchant, state=state)


def group_rows(catalogue: Catalogue, offer: ItemOffer) -> Iterator[Row]:
    """The groups of options that an item offer has, less those that are UNAVAILABLE."""
    scope = catalogue.merchant
    for position, name in enumerate(catalogue.option_groups.ordered(offer.option_groups_id or [])):
        key = f"{offer.id}/{name}"
        try:
            offered = is_available([catalogue.option_groups.linked("optionGroupsId", name).status])
        except Unreadable as exc:
            yield Malformed(scope, ItemGroupRecord.kind, key, exc.rule, exc.value)
            continue
        if offered:
            yield Record(scope, key, ItemGroupRecord(item=offer_key(offer.id), group=name, position=position))
