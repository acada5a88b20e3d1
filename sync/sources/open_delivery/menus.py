"""Services and their menus: one menu for each service, since it is a service that has a channel and hours.

A menu that several services sell is told once for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sync.protocol import Malformed, Record
from sync.records import MenuRecord, PlacementRecord, SectionRecord
from sync.sources.open_delivery import schedules
from sync.sources.open_delivery.entities import Catalogue
from sync.sources.open_delivery.offers import offer_key
from sync.sources.open_delivery.places import open_services, schedule_of
from sync.sources.open_delivery.rows import Row, row, unnamed
from sync.sources.open_delivery.shapes import Category, Service, Unreadable, is_available, one_of

CHANNELS = {"DELIVERY": "DELIVERY", "TAKEOUT": "PICKUP", "INDOOR": "DINE_IN"}
"""``serviceType`` -> channel."""


def menu_rows(catalogue: Catalogue) -> Iterator[Row]:
    """Menus, sections and placements."""
    scope = catalogue.merchant
    for name, service in open_services(catalogue):
        if isinstance(service, Unreadable):
            yield Malformed(scope, MenuRecord.kind, name, service.rule, service.value)
            yield from unnamed(scope, SectionRecord.kind, service)
            continue
        yield row(scope, MenuRecord.kind, name, partial(menu, catalogue, service))
        try:
            categories = catalogue.menus.linked("menuId", service.menu_id).category_id
        except Unreadable as exc:
            yield from unnamed(scope, SectionRecord.kind, exc)
            continue
        for position, category in enumerate(catalogue.categories.ordered(categories)):
            yield from section_rows(catalogue, name, category, position)


def menu(catalogue: Catalogue, service: Service) -> MenuRecord:
    """The menu of a service. Raises ``Unreadable``."""
    channel = CHANNELS[one_of("serviceType", service.service_type, CHANNELS)]
    name = catalogue.menus.linked("menuId", service.menu_id).name
    sold = is_available([service.status])
    hours = schedules.service_key(service.id) if sold else schedules.NEVER
    return MenuRecord(location=catalogue.merchant, name=name, channel=channel, schedule=hours)


def section_rows(catalogue: Catalogue, service: str, name: str, position: int) -> Iterator[Row]:
    """A category in the menu of a service, and what stands in it."""
    scope, key = catalogue.merchant, f"{service}/{name}"
    try:
        category = catalogue.categories.linked("categoryId", name)
    except Unreadable as exc:
        yield Malformed(scope, SectionRecord.kind, key, exc.rule, exc.value)
        yield from unnamed(scope, PlacementRecord.kind, exc)
        return
    yield row(scope, SectionRecord.kind, key, partial(section, catalogue, service, category, position))
    for place, offer in enumerate(catalogue.item_offers.ordered(category.item_offer_id)):
        if offer in catalogue.item_offers.found:
            record = PlacementRecord(section=key, item=offer_key(offer), position=place)
            yield Record(scope, f"{key}/{offer}", record)
        else:
            rule = f"itemOfferId must be one of the {catalogue.item_offers.listed}"
            yield Malformed(scope, PlacementRecord.kind, f"{key}/{offer}", rule, repr(offer))


def section(catalogue: Catalogue, service: str, category: Category, position: int) -> SectionRecord:
    """The section of a category. Raises ``Unreadable``."""
    sold = is_available([category.status])
    hours = schedule_of(catalogue, category.availability_id) if sold else schedules.NEVER
    return SectionRecord(menu=service, name=category.name, position=position, schedule=hours)
