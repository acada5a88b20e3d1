"""How old an external value is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from loaders.directives.cache_control import CacheControl
from loaders.fields import computed, embedded, larder_type
from loaders.resolutions import Computed
from resolvers.freshness import (
    CONFIRMED,
    THRESHOLDS,
    confirmed_at,
    status,
    status_changes_at,
    summary_changes_at,
    summary_status,
)
from schema.enums import FreshnessStatus
from sync.heads import CONFIRMED_HEAD
from sync.models import Confirmation


@strawberry.type(description="How old a value is that came from a supplier.", directives=[CacheControl(max_age=5)])
class Freshness:
    """Freshness."""

    status: FreshnessStatus = strawberry.field(description="How much the age matters, by the thresholds of its kind.")
    as_of: datetime | None = strawberry.field(description="The supplier's own clock for what it said, if it told.")
    confirmed_at: datetime | None = strawberry.field(
        description="Start of the last complete sync that confirmed the value; null if there was none."
    )
    source: str | None = strawberry.field(description="Name of the source that confirmed it.")


def freshness_field(description: str = "How old this is.") -> Any:
    """A Freshness over the columns that every synced row has."""
    return embedded(
        Freshness,
        description,
        # A confirmation that leaves the status as it is moves no head of the table.
        status=Computed(status, (*CONFIRMED, *THRESHOLDS), reads_instant=True, changes_at=status_changes_at, heads=()),
        as_of="confirmation__as_of",
        confirmed_at=Computed(confirmed_at, CONFIRMED),
        source="confirmation__source",
    )


@larder_type(
    Confirmation,
    name="SourceFreshness",
    description="How old one kind of data of one source is.",
    directives=[CacheControl(max_age=5)],
)
class SourceFreshness:
    """One source and concern of the status page."""

    source: str = computed(str, ["source"], "Name of the source.")
    concern: str = computed(str, ["concern"], "Kind of data: menu, price or availability.")
    status: FreshnessStatus = computed(
        summary_status,
        ["oldest_confirmed_at", "scopes", "confirmed_scopes", "fresh_for", "stale_for"],
        "That of the location confirmed longest ago.",
        reads_instant=True,
        changes_at=summary_changes_at,
    )
    confirmed_at: datetime | None = computed(
        lambda oldest: oldest,
        ["oldest_confirmed_at"],
        "When the location confirmed longest ago was confirmed.",
        heads=[CONFIRMED_HEAD],
    )
    as_of: datetime | None = computed(
        lambda newest: newest, ["newest_as_of"], "The newest clock a supplier told.", heads=[CONFIRMED_HEAD]
    )
    locations: int = computed(int, ["scopes"], "Number of locations with this kind of data.")
    fresh_for_seconds: int = computed(int, ["fresh_for"], "Age up to which it counts as fresh.")
    stale_for_seconds: int = computed(int, ["stale_for"], "Age above which it counts as expired.")
