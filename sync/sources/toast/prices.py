"""What things cost: ``price``, ``pricingStrategy`` and ``pricingRules`` of Menus V2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync.protocol import Event
from sync.records import OfferRecord, ScheduleRecord
from sync.sources.toast.hours import schedule
from sync.sources.toast.reading import Reading
from sync.sources.toast.shapes import Unreadable, entries, guid_of, number, thing, word

STRATEGIES = ("BASE_PRICE", "MENU_SPECIFIC_PRICE", "TIME_SPECIFIC_PRICE", "SIZE_PRICE", "OPEN_PRICE")
SPECIFIC = ("MENU_SPECIFIC_PRICE", "MENU_SPECIFIC")
TIMED = ("TIME_SPECIFIC_PRICE", "TIME_SPECIFIC")
TAX_MODES: Mapping[str, str] = {
    "TAX_INCLUDED": "INCLUDED",
    "TAX_NOT_INCLUDED": "EXCLUDED",
    "SMART_TAX": "EXCLUDED",
    "UNKNOWN": "UNKNOWN",
}
"""SMART_TAX depends on the room that is ordered in; whoever orders from elsewhere has to add the tax."""
NO_UNIT = "NONE"


@dataclass(frozen=True, slots=True)
class Price:
    """A price as an offer has it, wherever it applies: ``amount`` None is an open one."""

    amount: Decimal | None
    currency: str
    tax_mode: str
    unit: str | None = None

    def offer(
        self, item: str, *, channel: str | None = None, group: str | None = None, schedule: str | None = None
    ) -> OfferRecord:
        """The offer of ``item``."""
        return OfferRecord(
            item=item,
            currency=self.currency,
            amount=None if self.unit else self.amount,
            per_unit_amount=self.amount if self.unit else None,
            per_unit=self.unit,
            tax_mode=self.tax_mode,
            channel=channel,
            group=group,
            schedule=schedule,
        )


def strategy(entry: dict[str, Any], *more: str) -> str:
    """How the thing is priced. Raises ``Unreadable`` for a way that nobody knows."""
    told = word(entry, "pricingStrategy", STRATEGIES[0])
    known = (*STRATEGIES, *more)
    for name in (told, f"{told}_PRICE"):
        if name in known:
            return name
    raise Unreadable(f"pricingStrategy must be one of {', '.join(known)}", told)


def rules(entry: dict[str, Any]) -> dict[str, Any]:
    """The rules beside the strategy; none is an empty object. Raises ``Unreadable``."""
    found = entry.get("pricingRules")
    return {} if found is None else thing(found)


def tax_mode(entry: dict[str, Any]) -> str:
    """Whether the price includes tax. Raises ``Unreadable``."""
    told = word(entry, "taxInclusion", "UNKNOWN")
    if told not in TAX_MODES:
        raise Unreadable(f"taxInclusion must be one of {', '.join(TAX_MODES)}", told)
    return TAX_MODES[told]


def unit(entry: dict[str, Any]) -> str | None:
    """What the price is for, where that is a weight. Raises ``Unreadable``."""
    told = word(entry, "unitOfMeasure", NO_UNIT)
    return None if told == NO_UNIT else told.lower()


def own_price(reading: Reading, entry: dict[str, Any], tax: str) -> Price | None:
    """The price that the thing has whenever no time-specific one holds.

    None when it costs what its size costs, whose group is noted then. Raises ``Unreadable``.
    """
    way = strategy(entry)
    if way == "SIZE_PRICE":
        group = guid_of(rules(entry), "sizeSpecificPricingGuid")
        if group not in reading.group_guids:
            raise Unreadable("sizeSpecificPricingGuid must be a modifier group", group)
        reading.sized.add(group)
        return None
    amount = None if way == "OPEN_PRICE" else number(entry, "price")
    if amount is None and way == "TIME_SPECIFIC_PRICE":
        amount = next((number(thing(rule), "basePrice") for rule in timed_rules(entry)), None)
    if amount is None and way != "OPEN_PRICE":
        raise Unreadable(f"a {way} must have a price", repr(entry.get("price")))
    return Price(amount, reading.options.currency, tax, unit(entry) if amount is not None else None)


def timed_rules(entry: dict[str, Any]) -> list[Any]:
    """The prices that hold at certain hours. Raises ``Unreadable``."""
    if entry.get("pricingStrategy") not in TIMED:
        return []
    return entries(rules(entry), "timeSpecificPricingRules")


def timed_offers(
    reading: Reading, entry: dict[str, Any], offer_key: str, tax: str, item: str, group: str | None = None
) -> Iterator[Event]:
    """An offer and its hours for each time-specific price, numbered as the supplier lists them."""
    try:
        listed = timed_rules(entry)
    except Unreadable as why:
        yield reading.malformed(OfferRecord.kind, None, why)
        return
    for place, rule in enumerate(listed, start=1):
        key = f"{offer_key}/hours/{place}"
        try:
            price = Price(timed_amount(thing(rule)), reading.options.currency, tax, unit(entry))
            hours = schedule(entries(thing(rule), "schedule"), reading.timezone)
        except Unreadable as why:
            yield reading.malformed(ScheduleRecord.kind, key, why)
            yield reading.malformed(OfferRecord.kind, key, why)
            continue
        yield from reading.record(key, hours)
        yield from reading.record(key, price.offer(item, group=group, schedule=key))


def timed_amount(rule: dict[str, Any]) -> Decimal:
    """The price of a rule. Raises ``Unreadable``."""
    amount = number(rule, "timeSpecificPrice")
    if amount is None:
        raise Unreadable("a time-specific price must have a timeSpecificPrice", repr(amount))
    return amount
