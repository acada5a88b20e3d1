"""What freshness and availability mean, over model instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog import models
from sync.models import Confirmation
from tests.equality.rows import exact, iso, live, one
from tests.equality.world import World


def freshness(row: Any, _: Any, world: World) -> dict[str, Any]:
    confirmation = None if row is None else one("confirmation")(row, {}, world)
    confirmed = None if confirmation is None else confirmation.confirmed_at
    known = (None if row is None else row.held_confirmed_at) or confirmed
    return {
        "status": age_of(known, confirmation, world),
        "asOf": None if confirmation is None else iso(confirmation.as_of),
        "confirmedAt": iso(known),
        "source": None if confirmation is None else confirmation.source,
    }


def age_of(known: datetime | None, confirmation: Any, world: World) -> str:
    if known is None or confirmation is None:
        return "NEVER"
    age = (world.instant - known).total_seconds()
    if age <= confirmation.fresh_for_seconds:
        return "FRESH"
    return "STALE" if age <= confirmation.stale_for_seconds else "EXPIRED"


def availability(item: Any, arguments: Mapping[str, Any], world: World) -> dict[str, Any]:
    """At the item's own location: the channel's if it has one, else the one of every channel."""
    rows = world.once(
        ("stock", item.pk),
        lambda: (
            live(models.Availability.every.filter(item=item, location=item.location_id), "id")
            if item.location_id
            else []
        ),
    )
    by_channel = {row.channel: row for row in rows}
    row = by_channel.get(arguments.get("channel")) or by_channel.get(None)
    fresh = freshness(row, {}, world)
    ended = row is not None and row.until is not None and row.until <= world.instant
    state = "UNKNOWN"
    if row is not None and fresh["status"] in ("FRESH", "STALE"):
        state = row.state
        if ended:
            state = "UNKNOWN" if row.state == "AVAILABLE" else "AVAILABLE"
    return {
        "state": state,
        "until": None if row is None or ended else iso(row.until),
        "quantity": None if row is None else exact("quantity")(row, {}, world),
        "reason": None if row is None else row.reason,
        "freshness": row,
    }


def sources(_: Any, __: Any, world: World) -> list[Any]:
    groups: dict[tuple[str, str], list[Confirmation]] = {}
    for row in Confirmation.objects.order_by("source", "concern", "id"):
        groups.setdefault((row.source, row.concern), []).append(row)
    return [source(name, concern, rows, world) for (name, concern), rows in groups.items()]


def source(name: str, concern: str, rows: list[Confirmation], world: World) -> dict[str, Any]:
    times = [row.confirmed_at for row in rows if row.confirmed_at is not None]
    clocks = [row.as_of for row in rows if row.as_of is not None]
    oldest = min(times) if times else None
    return {
        "source": name,
        "concern": concern,
        "status": age_of(oldest if len(times) == len(rows) else None, rows[0], world),
        "confirmedAt": iso(oldest),
        "asOf": iso(max(clocks)) if clocks else None,
        "locations": len(rows),
        "freshForSeconds": rows[0].fresh_for_seconds,
        "staleForSeconds": rows[0].stale_for_seconds,
    }
