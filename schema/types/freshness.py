"""How old each kind of data of each source is."""

from __future__ import annotations

from datetime import datetime

from larder.ages import summary_changes_at, summary_status
from larder.freshness import FreshnessStatus
from loaders.directives.cache_control import CacheControl
from loaders.fields import computed, larder_type
from sync.heads import CONFIRMED_HEAD
from sync.models import Confirmation


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
