"""Prices of item offers and options (``ItemPrice``)."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from sync.records import OfferRecord
from sync.sources.open_delivery.entities import Catalogue
from sync.sources.open_delivery.shapes import Unreadable, one_of, shown

UNITS = {"UN": None, "KG": "kg", "L": "l", "OZ": "oz", "LB": "lb", "GAL": "gal"}
"""``Item.unit`` -> what a price is per; orders name quantities in this unit. None: per piece."""


def currency_of(catalogue: Catalogue) -> str | None:
    """The currency that all prices have to be in: the one declared, that of ``minOrderValue``, or the most common."""
    least = catalogue.basics.get("minOrderValue")
    declared = catalogue.reading.currency or (least.get("currency") if isinstance(least, dict) else None)
    if is_code(declared):
        return str(declared)
    prices = [getattr(offer, "price", None) for offer in catalogue.item_offers.found.values()]
    codes = Counter(price.get("currency") for price in prices if isinstance(price, dict))
    return next((code for code, _ in codes.most_common() if is_code(code)), None)


def is_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()  # noqa: PLR2004 - ISO 4217


def read_offer(
    item: str, price: Any, currency: str | None, unit: Any, *, group: str | None = None, schedule: str | None = None
) -> OfferRecord:
    """A price of ``item``. What it was before counts where it differs. Raises ``Unreadable`` for what is no price.

    Signs and sizes are the target's to judge.
    """
    if not isinstance(price, dict):
        raise Unreadable("price must be an object", shown(price))
    value, original = number("value", price.get("value")), price.get("originalValue")
    before = value if original is None else number("originalValue", original)
    if price.get("currency") != currency or currency is None:
        raise Unreadable(f"currency must be that of the merchant, {currency}", repr(price.get("currency")))
    per = UNITS[one_of("unit", unit or "UN", UNITS)]
    return OfferRecord(
        item=item,
        currency=currency,
        amount=value if per is None else None,
        original_amount=before if per is None and before != value else None,
        per_unit_amount=None if per is None else value,
        per_unit=per,
        group=group,
        schedule=schedule,
    )


def number(name: str, value: Any) -> Decimal:
    """An exact number. Raises ``Unreadable``."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unreadable(f"{name} must be a number", repr(value))
    return Decimal(value)
