from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sync.simulators.supply import Action
from sync.simulators.toast import Options, Toast
from tests.sync.conformance.subjects import Alone, Belief, Subject

SILENCE = Belief("what the stock does not list is in stock, so a list that lacks something says so of it")

ONCE_A_VERSION = "menus are read once for each version, so their order stays until the restaurant publishes again"
ANOTHER_VERSION = """
UPDATE larder_sync_stream SET cursor = (
    SELECT jsonb_object_agg(key, CASE WHEN value ? 'lastUpdated'
        THEN value || '{"lastUpdated": "2020-01-01T00:00:00+00:00"}' ELSE value END)
    FROM jsonb_each(cursor)
) WHERE cursor <> '{}'
"""


class Restaurants(Toast):
    """Two small restaurants, and a clock that stands still until it is moved."""

    anatomy = replace(
        Toast.anatomy, rows=(*Toast.anatomy.rows, "/stock/*"), ids=(*Toast.anatomy.ids, "/stock/* [].guid")
    )

    def __init__(self) -> None:
        self.at = datetime.now(UTC)
        self.turns = 0
        super().__init__(Options(items=20, menus_per_second=10_000, per_second=10_000), clock=lambda: self.at)

    def actions(self) -> dict[str, Action]:
        return {**super().actions(), "turn": self.turn}

    async def turn(self, _body: bytes) -> None:
        """Prices rise, and an item sells out that comes back next time."""
        self.at += timedelta(seconds=60)
        self.turns += 1
        await (self.sell_out if self.turns % 2 else self.revive)(b"{}")
        await self.publish(b"{}")


SUBJECT = Subject(
    kind="toast",
    open=Restaurants,
    change=[("turn", {})],
    options={"restaurants": list(Restaurants().restaurants)},
    alone=[Alone("menu", {"mode": "truncate", "path": "/menus/v2/menus", "count": 1})],
    believed={"rows-halved": SILENCE, "rows-emptied": SILENCE, "an empty list": SILENCE},
    patient=dict.fromkeys(("rows-repeated", "rows-reordered"), ONCE_A_VERSION),
    day_passes=ANOTHER_VERSION,
)
