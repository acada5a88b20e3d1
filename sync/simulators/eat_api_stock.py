"""Which of the day's dishes run out: a few at a time, others minute by minute, the same for everyone who asks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

SHARE = 0.04
GONE_FOR_TODAY, OR_GONE, OR_FEW_LEFT = 0.4, 0.6, 0.9
SPELL_MINUTES = 7
"""How long a dish stays as it is; dishes change in different minutes."""


def stock_entry(seed: int, canteen_id: str, day: date, name: str, minute: int) -> dict[str, Any] | None:
    """The dish's entry in ``/stock.json`` in the ``minute`` since 1970, None while it is plainly available."""
    offset = int(Random(f"{seed}/{canteen_id}/{day}/{name}").random() * SPELL_MINUTES)  # noqa: S311 - a demonstration
    spell = (minute + offset) // SPELL_MINUTES
    rng = Random(f"{seed}/{canteen_id}/{day}/{name}/{spell}")  # noqa: S311 - a demonstration
    if rng.random() >= SHARE:
        return None
    ends = datetime.fromtimestamp(((spell + 1) * SPELL_MINUTES - offset) * 60, UTC)
    return {"canteen_id": canteen_id, "date": day.isoformat(), "name": name, **_state(rng, ends)}


def _state(rng: Random, ends: datetime) -> dict[str, Any]:
    until = (ends + timedelta(minutes=10 + int(rng.random() * 50))).isoformat()
    kind = rng.random()
    if kind < GONE_FOR_TODAY:
        return {"state": "SOLD_OUT"}
    if kind < OR_GONE:
        return {"state": "SOLD_OUT", "until": until}
    if kind < OR_FEW_LEFT:
        return {"state": "AVAILABLE", "quantity": 1 + int(rng.random() * 9)}
    return {"state": "HIDDEN", "until": until}
