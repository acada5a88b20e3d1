"""Whether an object can be had at a location: Square's sold-out marks, and its counts where it tracks them.

``ItemVariationLocationOverrides``: a mark says more than a count, which is then to be treated as zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal, InvalidOperation

from sync.errors import DocumentRefused
from sync.protocol import Event, Malformed, Record
from sync.records import AvailabilityRecord
from sync.sources.square.answers import Count
from sync.sources.square.catalog_shapes import CatalogObject, Variation
from sync.sources.square.layout import refused_scope
from sync.sources.square.requests import instant
from sync.sources.square.shelf import modifiers, override_at, variations
from sync.sources.square.unreadable import Unreadable

AVAILABLE, SOLD_OUT = "AVAILABLE", "SOLD_OUT"
SMALLEST = Decimal("0.001")

Counted = Mapping[tuple[str, str], Count]
"""(variation id, location id) -> its count."""


@dataclass(frozen=True, slots=True)
class State:
    """What is said of one variation or modifier."""

    state: str
    until: datetime | None = None
    quantity: Decimal | None = None


def stock_events(thing: CatalogObject, location: str, counted: Counted) -> Iterator[Event]:
    """One row for each thing that the catalog stream makes an item of.

    An item of several variations is sold out when all of them are, until the first one ends.
    """
    scope = f"{location}/{thing.id}"
    for modifier in modifiers(thing, location):
        override = override_at(modifier.modifier_data.location_overrides if modifier.modifier_data else None, location)
        state = State(SOLD_OUT if override and override.sold_out else AVAILABLE)
        yield row(scope, location, modifier.id, state)
    if thing.item_data is None:
        return
    sold = variations(thing, location)
    states: list[State] = []
    for variation in sold:
        key = thing.id if len(sold) == 1 else variation.id
        try:
            state = variation_state(variation, location, counted)
        except Unreadable as exc:
            kind = AvailabilityRecord.kind
            yield Malformed(refused_scope(location), kind, f"{location}/{key}", exc.rule, exc.value)
            continue
        states.append(state)
        yield row(scope, location, key, state)
    if len(sold) > 1:
        yield from item_rows(scope, location, thing.id, states, complete=len(states) == len(sold))


def item_rows(scope: str, location: str, item: str, states: list[State], *, complete: bool) -> Iterator[Event]:
    """The row of an item of several variations, of which ``states`` are known."""
    if any(state.state == AVAILABLE for state in states):
        yield row(scope, location, item, State(AVAILABLE))
    elif complete:
        ends = [state.until for state in states if state.until is not None]
        yield row(scope, location, item, State(SOLD_OUT, min(ends, default=None)))
    else:
        rule = "an item's variations must all be readable to know that it is sold out"
        yield Malformed(refused_scope(location), AvailabilityRecord.kind, f"{location}/{item}", rule, item)


def row(scope: str, location: str, thing: str, said: State) -> Record:
    key = f"{location}/{thing}"
    record = AvailabilityRecord(item=key, location=location, state=said.state, until=said.until, quantity=said.quantity)
    return Record(scope, key, record)


def variation_state(found: CatalogObject, location: str, counted: Counted) -> State:
    """Whether a variation can be had. Raises ``Unreadable``."""
    data = found.item_variation_data or Variation()
    override = override_at(data.location_overrides, location)
    if override and override.sold_out:
        return State(SOLD_OUT, ending(override.sold_out_valid_until), Decimal(0))
    tracked = data.track_inventory if override is None or override.track_inventory is None else override.track_inventory
    count = counted.get((found.id, location)) if tracked else None
    if count is None:
        return State(AVAILABLE)
    left = quantity(count.quantity)
    return State(AVAILABLE, None, left) if left > 0 else State(SOLD_OUT, None, Decimal(0))


def ending(text: str | None) -> datetime | None:
    """When a sold-out mark ends. Raises ``Unreadable``."""
    try:
        return instant(text) if text else None
    except DocumentRefused as exc:
        raise Unreadable(exc.rule, exc.value) from exc


def quantity(text: str) -> Decimal:
    """A count, in the thousandths that the store holds. Raises ``Unreadable``."""
    try:
        exact = Decimal(text).quantize(SMALLEST, ROUND_FLOOR)
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite():
        raise Unreadable("a quantity must be a decimal number", repr(text))
    return exact
