"""What is held back, and whom it waits for."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sync.guards.losses import Loss


class WaitsFor(enum.StrEnum):
    """Who can release what is held."""

    SUPPLIER = "supplier"
    """A second run that says the same."""
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Hold:
    """``rule`` was broken by ``value``; ``unit`` None: the whole run is held.

    ``digest`` names what was said; that of a whole run is known once it is staged.
    """

    unit: str | None
    rule: str
    value: str
    digest: str
    waits_for: WaitsFor

    def stored(self) -> dict[str, Any]:
        """Itself in JSON."""
        return asdict(self)


def location_holds(losses: Sequence[Loss], ratio: float | None) -> list[Hold]:
    """The units that lose too much at once."""
    rule = f"a loss of {ratio:.0%} of what is on offer must be said twice" if ratio else ""
    return [
        Hold(loss.unit, rule, f"{loss.lost} of {loss.live} items", loss.digest, WaitsFor.SUPPLIER)
        for loss in losses
        if ratio is not None and loss.lost >= ratio * loss.live
    ]


def disagreed(holds: Sequence[Hold], said: Mapping[str, str]) -> list[Hold]:
    """The holds that no earlier run announced in the same way; the others the supplier has said twice."""
    return [hold for hold in holds if hold.unit is None or said.get(hold.unit) != hold.digest]


def source_hold(losses: Sequence[Loss], live: Mapping[str, int], ratio: float | None) -> list[Hold]:
    """The whole run, when the source loses too much of what all its units have: ``live`` is items by unit.

    A source of one unit has that unit's guard only: the two would say the same of it, and differently.
    """
    lost, there = sum(loss.lost for loss in losses), sum(live.values())
    if ratio is None or len(live) < 2 or not lost or lost < ratio * there:  # noqa: PLR2004 - several, that is
        return []
    rule = f"a loss of {ratio:.0%} of what a source has on offer needs an operator"
    return [Hold(None, rule, f"{lost} of {there} items", "", WaitsFor.OPERATOR)]


QUARANTINED_ROWS = 10
"""Refused rows from which on their share counts: of a run of three rows one says nothing about the supplier."""


def quarantine_hold(refused: int, rows: int, ratio: float | None) -> list[Hold]:
    """The whole run, when too many of its rows are refused."""
    if ratio is None or refused < QUARANTINED_ROWS or refused <= ratio * rows:
        return []
    rule = f"a run of which more than {ratio:.0%} is refused needs an operator"
    return [Hold(None, rule, f"{refused} of {rows} rows", "", WaitsFor.OPERATOR)]
