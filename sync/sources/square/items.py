"""An item, or a modifier list, at one location as records: items, offers, option groups, placements.

Larder knows a thing for sale at one place, since its price and its availability are that place's: a Square item at
three locations is three items. One of several variations becomes an item whose first option group, of exactly one
choice, holds a variation each; one of a single variation is an item with that variation's price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sync.protocol import Event
from sync.records import GroupOptionRecord, ItemGroupRecord, ItemRecord, OfferRecord, OptionGroupRecord, PlacementRecord
from sync.sources.square.catalog_shapes import CatalogObject, Item, Variation
from sync.sources.square.food import allergens, diets, labels
from sync.sources.square.modifiers import group_events, list_events
from sync.sources.square.money import amount, tax_mode
from sync.sources.square.sections import placements, section_key
from sync.sources.square.shelf import Shelf, named, override_at, variations
from sync.sources.square.unreadable import Unreadable

VARIABLE = "VARIABLE_PRICING"


def object_events(found: CatalogObject, shelf: Shelf) -> Iterator[Event]:
    """The rows of an item or of a modifier list that is sold at the shelf's location."""
    if found.item_data is not None:
        yield from item_events(found, found.item_data, shelf)
    elif found.modifier_list_data is not None:
        yield from list_events(found, found.modifier_list_data, shelf)


def item_events(found: CatalogObject, item: Item, shelf: Shelf) -> Iterator[Event]:
    """An item with its places in the menus, its prices and its groups."""
    key, sold = shelf.key(found.id), variations(found, shelf.location.id)
    details = item.food_and_beverage_details
    name = named(item.name, "an item")
    yield shelf.record(
        key,
        ItemRecord(
            name=name,
            language=shelf.language,
            location=shelf.location.id,
            description=item.description_plaintext or item.description,
            allergens=allergens(details),
            diets=diets(details),
            labels=labels(details),
            media=media(item, shelf.others),
        ),
    )
    for channel in shelf.options.channels:
        for category, position in placements(item, shelf.location.id, shelf.others).items():
            section = section_key(shelf.location.id, channel, category)
            record = PlacementRecord(section=section, item=key, position=position)
            yield shelf.record(f"{section}/{found.id}", record)
    tax = tax_mode(shelf.others.get(tax) for tax in item.tax_ids or ())
    if len(sold) == 1:
        yield from variation_offer(sold[0], key, tax, shelf)
    else:
        yield from choice_events(key, name, sold, tax, shelf)
    yield from group_events(key, item, len(sold) > 1, shelf)


def media(item: Item, others: Mapping[str, CatalogObject]) -> tuple[str, ...]:
    """URLs of the item's images, in its order; what has no address on the web is no picture that can be shown."""
    images = (others.get(image) for image in item.image_ids or ())
    urls = [image.image_data.url or "" for image in images if image and image.image_data]
    return tuple(url for url in urls if url.startswith(("https://", "http://")))


def choice_events(item: str, name: str, sold: list[CatalogObject], tax: str, shelf: Shelf) -> Iterator[Event]:
    """The option group of an item's variations: one of them replaces the item's price."""
    group = f"{item}/variations"
    record = OptionGroupRecord(name=name, language=shelf.language, least=1, most=1, price_method="REPLACE")
    yield shelf.record(group, record)
    for position, variation in enumerate(sold):
        key, data = shelf.key(variation.id), variation.item_variation_data or Variation()
        option = ItemRecord(name=data.name or name, language=shelf.language, location=shelf.location.id)
        yield shelf.record(key, option)
        yield shelf.record(key, GroupOptionRecord(group=group, item=key, position=position))
        yield from variation_offer(variation, key, tax, shelf)
    yield shelf.record(group, ItemGroupRecord(item=item, group=group, position=0))


def variation_offer(found: CatalogObject, item: str, tax: str, shelf: Shelf) -> Iterator[Event]:
    """The price of a variation at the location. An unreadable one leaves the stored offer as it is."""
    key, data = shelf.key(found.id), found.item_variation_data or Variation()
    override = override_at(data.location_overrides, shelf.location.id)
    money, pricing = data.price_money, data.pricing_type
    if override and (override.price_money is not None or override.pricing_type == VARIABLE):
        money, pricing = override.price_money, override.pricing_type or pricing
    try:
        price = None if pricing == VARIABLE else amount(money, shelf.location.currency)
    except Unreadable as exc:
        yield shelf.malformed(OfferRecord.kind, key, exc)
        return
    yield shelf.record(key, OfferRecord(item=item, currency=shelf.location.currency, amount=price, tax_mode=tax))
