"""Option groups and their options: each an item of its own, with a price in its group.

Open Delivery 1.7.0 does not nest: an option has no groups, even when its item has some where it is offered by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sync.protocol import Malformed, Record
from sync.records import AvailabilityRecord, GroupOptionRecord, ItemRecord, OfferRecord, OptionGroupRecord
from sync.sources.open_delivery.entities import Catalogue, read_entities
from sync.sources.open_delivery.offers import availability, item, unit_of
from sync.sources.open_delivery.prices import currency_of, read_offer
from sync.sources.open_delivery.rows import Row, lost_option, row, unnamed
from sync.sources.open_delivery.shapes import Option, OptionGroup, Unreadable, one_of, whole

PRICE_METHODS = ("SUM", "MAX", "AVG")


def option_key(group: str, option: str) -> str:
    """Key of the item that an option is; suppliers repeat an option's id in several groups."""
    return f"option/{group}/{option}"


def option_rows(catalogue: Catalogue) -> Iterator[Row]:
    """Groups, their options, and what these are and cost."""
    scope, currency = catalogue.merchant, currency_of(catalogue)
    for name, group in catalogue.option_groups.found.items():
        if isinstance(group, Unreadable):
            yield Malformed(scope, OptionGroupRecord.kind, name, group.rule, group.value)
            yield from unnamed(scope, GroupOptionRecord.kind, group)
            continue
        yield row(scope, OptionGroupRecord.kind, name, partial(group_record, catalogue, group))
        options = read_entities("options", group.options or [], Option)
        for why in options.nameless:
            yield lost_option(scope, why)
        for position, option in enumerate(options.ordered(None)):
            yield from rows_of(catalogue, group.id, options.found[option], option_key(name, option), position)
            yield from price_rows(catalogue, group.id, options.found[option], option_key(name, option), currency)


def group_record(catalogue: Catalogue, group: OptionGroup) -> OptionGroupRecord:
    """The record of a group. Raises ``Unreadable``."""
    least, most = whole("minPermitted", group.min_permitted), whole("maxPermitted", group.max_permitted)
    if least < 0:
        raise Unreadable("minPermitted must not be negative", least)
    if most < least:
        raise Unreadable("maxPermitted must not be below minPermitted", f"{least} to {most}")
    method = one_of("priceMethod", group.price_method or PRICE_METHODS[0], PRICE_METHODS)
    return OptionGroupRecord(
        name=group.name, language=catalogue.reading.language, least=least, most=most, price_method=method
    )


def rows_of(catalogue: Catalogue, group: str, option: Option | Unreadable, key: str, position: int) -> Iterator[Row]:
    """An option as an item, its place and its availability."""
    scope = catalogue.merchant
    if isinstance(option, Unreadable):
        for kind in (ItemRecord.kind, GroupOptionRecord.kind, AvailabilityRecord.kind):
            yield Malformed(scope, kind, key, option.rule, option.value)
        return
    yield row(scope, ItemRecord.kind, key, partial(item, catalogue, option))
    yield Record(scope, key, GroupOptionRecord(group=group, item=key, position=position))
    yield row(scope, AvailabilityRecord.kind, key, partial(availability, catalogue, key, option))


def price_rows(
    catalogue: Catalogue, group: str, option: Option | Unreadable, key: str, currency: str | None
) -> Iterator[Row]:
    """What an option costs in its group. One without a price adds nothing, and says nothing."""
    if isinstance(option, Unreadable):
        yield Malformed(catalogue.merchant, OfferRecord.kind, key, option.rule, option.value)
    elif option.price is not None:
        read = partial(price, catalogue, group, option, key, currency)
        yield row(catalogue.merchant, OfferRecord.kind, key, read)


def price(catalogue: Catalogue, group: str, option: Option, key: str, currency: str | None) -> OfferRecord:
    """The price of an option. Raises ``Unreadable``."""
    return read_offer(key, option.price, currency, unit_of(catalogue, option.item_id), group=group)
