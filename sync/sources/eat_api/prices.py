"""Prices of eat-api: a base part and a part per unit, which add up ("1.00 + 0.80 / 100g")."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sync.protocol import Event, Malformed, Record
from sync.records import OfferRecord
from sync.sources.eat_api.shapes import Unreadable, shown

AUDIENCES = {"students": "STUDENTS", "staff": "STAFF", "guests": "GUESTS"}
CURRENCY = "EUR"


def offer_events(scope: str, item: str, prices: object) -> Iterator[Event]:
    """One offer per audience that has a price. An unreadable one leaves the stored offer as it is."""
    if prices is None:
        return
    if not isinstance(prices, dict):
        for audience in AUDIENCES:
            yield malformed(scope, item, audience, Unreadable("prices must be an object", prices))
        return
    for audience, price in prices.items():
        if audience not in AUDIENCES:
            yield malformed(
                scope, item, audience, Unreadable(f"audience must be one of {', '.join(AUDIENCES)}", audience)
            )
        elif price is not None:
            try:
                yield Record(scope, f"{item}/{audience}", read_price(item, AUDIENCES[audience], price))
            except Unreadable as exc:
                yield malformed(scope, item, audience, exc)


def malformed(scope: str, item: str, audience: str, why: Unreadable) -> Malformed:
    return Malformed(scope, OfferRecord.kind, f"{item}/{audience}", why.rule, why.value)


def read_price(item: str, audience: str, price: object) -> OfferRecord:
    """The offer. A part that is zero is no part of the price, unless both are: then it costs nothing.

    Raises ``Unreadable`` for what is not a price.
    """
    if not isinstance(price, dict):
        raise Unreadable("a price must be an object", price)
    base, per_unit = part(price, "base_price"), part(price, "price_per_unit")
    if base is None and per_unit is None:
        raise Unreadable("a price must have a base_price or a price_per_unit", shown(price))
    unit = price.get("unit")
    if per_unit and not (isinstance(unit, str) and unit.strip()):
        raise Unreadable("a price_per_unit must have a unit", f"{per_unit} per {unit!r}")
    return OfferRecord(
        item=item,
        audience=audience,
        currency=CURRENCY,
        amount=(base or None) if per_unit else (base or Decimal(0)),
        per_unit_amount=per_unit or None,
        per_unit=unit if per_unit else None,
    )


def part(price: dict[str, Any], name: str) -> Decimal | None:
    """One part, exact. Its sign and size are the target's to judge."""
    value = price.get(name)
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise Unreadable(f"{name} must be a number", repr(value))
