from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sync.simulators.eat_api import EatApi
from sync.simulators.eat_api_data import Generated
from sync.simulators.eat_api_places import CANTEENS
from sync.simulators.supply import Action
from tests.sync.conformance.subjects import Alone, Belief, Subject

MORNING = datetime(2026, 3, 18, 8, 0, tzinfo=UTC)
"""A Wednesday."""
SILENCE = Belief("what the stock does not list is available, so a list that lacks something says so of it")
CLOCK = Belief("the supplier's clock says which day is today, and until when a dish is sold out")


class Canteens(EatApi):
    """Two canteens' week, and a clock that stands still until it is moved."""

    def __init__(self, weeks: int = 1) -> None:
        self.at = MORNING
        super().__init__(Generated(clock=lambda: self.at, canteens=CANTEENS[1:3], weeks=range(weeks)))

    def actions(self) -> dict[str, Action]:
        return {**super().actions(), "wait": self.wait}

    async def wait(self, body: bytes) -> None:
        self.at += timedelta(minutes=int(body))


SUBJECT = Subject(
    kind="eat_api",
    open=Canteens,
    change=[("publish", {}), ("wait", 9)],
    alone=[
        Alone(
            "menu",
            {"mode": "status:500", "path": f"/{CANTEENS[1].canteen_id}/*/13.json"},
            open=lambda: Canteens(weeks=2),
        )
    ],
    believed={
        "rows-emptied": SILENCE,
        "rows-halved": SILENCE,
        "rows-repeated": Belief(
            "a day may list two dishes of one name, so a dish that is listed twice is two dishes",
            frozenset({"item", "placement", "offer", "availability"}),
        ),
        "price-zero": Belief(
            "a part of a price that is zero is how this supplier says that the price has no such part",
            frozenset({"offer"}),
        ),
        "tenant-other": SILENCE,
        "clock-fast": CLOCK,
        "clock-slow": CLOCK,
    },
)
