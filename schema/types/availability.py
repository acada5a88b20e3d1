"""Whether an item can be had."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from catalog import models
from larder.ages import CONFIRMED, THRESHOLDS
from larder.freshness import Freshness, freshness_field
from loaders.directives.cache_control import CacheControl
from loaders.fields import argument, column, computed, larder_type
from resolvers.availability import state, state_changes_at, until, until_changes_at
from schema.enums import AvailabilityState

AT = argument("at", datetime | None, "The instant that is asked about, as far as is known now; now if absent.")


@larder_type(
    models.Availability,
    name="Availability",
    description="Whether an item can be had.",
    directives=[CacheControl(max_age=5)],
)
class Availability:
    """Availability."""

    state: AvailabilityState = computed(
        state,
        ["state", "until", *CONFIRMED, *THRESHOLDS],
        "Whether it can be had. UNKNOWN when nobody confirmed it, or too long ago.",
        takes=[AT],
        reads_instant=True,
        changes_at=state_changes_at,
        heads=[],
    )
    until: datetime | None = computed(
        until,
        ["until"],
        "When the state ends by the clock alone.",
        takes=[AT],
        reads_instant=True,
        changes_at=until_changes_at,
    )
    quantity: Decimal | None = column("How many are left, if the supplier counts.")
    reason: str | None = column("Why, in the supplier's words.")
    freshness: Freshness = freshness_field("How old this is; NEVER for an item that no stock report covered.")
