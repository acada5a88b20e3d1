"""Square's ``Money``: a whole number of the currency's smallest unit (Square API, type Money; ISO 4217, list one)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sync.sources.square.catalog_shapes import CatalogObject
from sync.sources.square.unreadable import Unreadable, shown

WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS = {**dict.fromkeys(WHOLE.split(), 0), **dict.fromkeys(THOUSANDTHS.split(), 3), "CLF": 4, "UYW": 4}
"""Decimals of the currencies that do not have two."""
HUNDREDTHS = 2
LARGEST = Decimal(10) ** 11
"""What the store cannot hold any more."""

INCLUSIONS = {"INCLUSIVE": "INCLUDED", "ADDITIVE": "EXCLUDED"}


def amount(money: Any, currency: str) -> Decimal:
    """The amount of a ``Money`` that must be in ``currency``. Raises ``Unreadable``."""
    if not isinstance(money, dict):
        raise Unreadable("a price must be an object", repr(money))
    if money.get("currency") != currency:
        raise Unreadable(f"a price must be in the location's currency {currency}", repr(money.get("currency")))
    minor = money.get("amount")
    if isinstance(minor, bool) or not isinstance(minor, int):
        raise Unreadable("an amount must be a whole number of the smallest unit", repr(minor))
    exact = Decimal(minor).scaleb(-EXPONENTS.get(currency, HUNDREDTHS))
    if not 0 <= exact < LARGEST:
        raise Unreadable(f"a price must be at least 0 and below {LARGEST}", shown(minor))
    return exact


def tax_mode(taxes: Iterable[CatalogObject | None]) -> str:
    """Whether a price includes tax: what all the item's enabled taxes say alike, else UNKNOWN."""
    known = [tax.tax_data for tax in taxes if tax is not None and tax.tax_data is not None]
    modes = {tax.inclusion_type for tax in known if tax.enabled is not False}
    return INCLUSIONS.get(modes.pop() or "", "UNKNOWN") if len(modes) == 1 else "UNKNOWN"
