"""What freshness and availability mean, over model instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog import models
from sync.models import Confirmation
from tests.equality.hours import asked
from tests.equality.plain import Refused
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
    """At the item's own location or another: the channel's if it has one, else the one of every channel."""
    slug = arguments.get("location")
    if "\x00" in (slug or ""):
        raise Refused("text that the store cannot hold")
    where = {"location": item.location_id} if slug is None else {"location__slug": slug}
    rows = world.once(
        ("stock", item.pk, slug),
        lambda: (
            live(models.Availability.every.filter(item=item, **where), "id")
            if slug is not None or item.location_id
            else []
        ),
    )
    by_channel = {row.channel: row for row in rows}
    row = by_channel.get(arguments.get("channel")) or by_channel.get(None)
    return {
        "row": row,
        "quantity": None if row is None else exact("quantity")(row, {}, world),
        "reason": None if row is None else row.reason,
    }


def ended(row: Any, arguments: Mapping[str, Any], world: World) -> bool:
    return row is not None and row.until is not None and row.until <= asked(arguments, world)


def state(made: Mapping[str, Any], arguments: Mapping[str, Any], world: World) -> str:
    row = made["row"]
    if row is None or freshness(row, {}, world)["status"] not in ("FRESH", "STALE"):
        return "UNKNOWN"
    if ended(row, arguments, world):
        return "UNKNOWN" if row.state == "AVAILABLE" else "AVAILABLE"
    return str(row.state)


def until(made: Mapping[str, Any], arguments: Mapping[str, Any], world: World) -> str | None:
    row = made["row"]
    return None if row is None or ended(row, arguments, world) else iso(row.until)


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
        "units": len(rows),
        "freshForSeconds": rows[0].fresh_for_seconds,
        "staleForSeconds": rows[0].stale_for_seconds,
    }
