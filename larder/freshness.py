"""How old a supplier's rows are, as the frontend sees it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import strawberry
from strawberry import enum_value as value

from larder.ages import (
    CONFIRMED,
    THRESHOLDS,
    confirmed_at,
    freshness_by_source,
    status,
    status_changes_at,
    summary_changes_at,
    summary_status,
)
from loaders.directives.cache_control import CacheControl
from loaders.directives.list_size import list_size
from loaders.fetching import FetchAll
from loaders.fields import computed, embedded, larder_type, resolved
from loaders.resolutions import Computed
from sync.heads import CONFIRMED_HEAD
from sync.models import Confirmation

ASSUMED_ROWS = 10
"""Sources times kinds of their data, for the cost of an operation."""


@strawberry.enum(description="How much the age of an external value matters.")
class FreshnessStatus(enum.Enum):
    """``sync.freshness.FreshnessStatus``."""

    FRESH = value("FRESH", description="Confirmed recently.")
    STALE = value("STALE", description="Not confirmed recently; still good enough to show.")
    EXPIRED = value("EXPIRED", description="Confirmed too long ago to rely on.")
    NEVER = value("NEVER", description="No supplier has confirmed it.")


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
    concern: str = computed(str, ["concern"], "Kind of data.")
    status: FreshnessStatus = computed(
        summary_status,
        ["oldest_confirmed_at", "scopes", "confirmed_scopes", "fresh_for", "stale_for"],
        "That of the unit confirmed longest ago.",
        reads_instant=True,
        changes_at=summary_changes_at,
    )
    confirmed_at: datetime | None = computed(
        lambda oldest: oldest,
        ["oldest_confirmed_at"],
        "When the unit confirmed longest ago was confirmed.",
        heads=[CONFIRMED_HEAD],
    )
    as_of: datetime | None = computed(
        lambda newest: newest, ["newest_as_of"], "The newest clock a supplier told.", heads=[CONFIRMED_HEAD]
    )
    units: int = computed(int, ["scopes"], "Units of freshness, each confirmed by itself.")
    fresh_for_seconds: int = computed(int, ["fresh_for"], "Age up to which it counts as fresh.")
    stale_for_seconds: int = computed(int, ["stale_for"], "Age above which it counts as expired.")


def sources_field(description: str = "How old the data of every source is.") -> Any:
    """A root field, ``list[SourceFreshness]``."""
    return resolved(FetchAll(freshness_by_source), description, directives=[list_size(ASSUMED_ROWS)])
