from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sync.simulators.square import Options, Seller
from sync.simulators.supply import Action
from tests.sync.conformance.subjects import Alone, Subject


class Account(Seller):
    """A small account whose clock stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)
        self.turns = 0
        super().__init__(Options(items=20, locations=2, page_size=9), clock=lambda: self.at)

    def actions(self) -> dict[str, Action]:
        return {**super().actions(), "turn": self.turn}

    async def turn(self, _body: bytes) -> None:
        """A price rises, something sells out, and an item goes that comes back next time."""
        self.at += timedelta(seconds=1)
        self.turns += 1
        await self._price(b"{}")
        second = [key for key, one in self.ledger.objects.items() if one["type"] == "ITEM"][1]
        await (self._sell_out if self.turns % 2 else self._revive)(f'{{"id": "{second}"}}'.encode())
        last = [key for key, one in self.ledger.objects.items() if one["type"] == "ITEM"][-1]
        await (self._delete(f'{{"id": "{last}"}}'.encode()) if self.turns % 2 else self._revive(b"{}"))


A_DAY_LATER = """
UPDATE larder_sync_stream SET cursor = (
    SELECT jsonb_object_agg(key, CASE WHEN value ? 'full_at' THEN value || '{"full_at": "2020-01-01T00:00:00+00:00"}'
        ELSE value END)
    FROM jsonb_each(cursor)
) WHERE cursor <> '{}'
"""
AS_IT_IS = (
    "an object that Square tells of in a way that nobody can read stays as it is until it, or the day, is another"
)

SUBJECT = Subject(
    kind="square",
    open=Account,
    change=[("turn", {})],
    options={"page_size": 9},
    alone=[Alone("catalog", {"mode": "fields-typed", "path": "/v2/locations", "every": 2})],
    patient=dict.fromkeys(("price-negative", "price-huge", "price-text", "currency-other"), AS_IT_IS),
    day_passes=A_DAY_LATER,
)
