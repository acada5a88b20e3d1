"""The faults that every source meets, as data: fault, and what it may do to the store."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sync.simulators.faults import Fault

IMPATIENT = {"attempts": 1, "request_seconds": 0.7}
ONCE = {"attempts": 1}
DERIVED = frozenset({"item_count", "sold_out_count", "lowest_price"})


class Effect(enum.Enum):
    """What a run under a fault may leave."""

    NOTHING = "nothing"
    """Not one row and not one confirmation."""
    DOUBT = "doubt"
    """Rows as they were, or as a healthy supplier says they are."""
    HEALED = "healed"
    """All of what a healthy supplier says, for the fault passes while the run goes on or means nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fault, met by every request. ``limits`` are the source's during the run."""

    name: str
    effect: Effect
    fault: Mapping[str, Any]
    limits: Mapping[str, Any] = field(default_factory=dict)
    order: bool = False
    """Whether positions say something else, which is true as far as anybody knows."""
    often: bool = False
    """Whether it belongs to the few that ``make test`` runs."""

    @property
    def mode(self) -> str:
        return str(self.fault["mode"])

    @property
    def blind_to(self) -> frozenset[str]:
        """Columns that say something of other rows, or about order alone."""
        return DERIVED | ({"position"} if self.order else set())

    def told(self) -> Fault:
        """The fault as the simulator is told of it."""
        return msgspec.json.decode(msgspec.json.encode(self.fault), type=Fault)


def unreadable(mode: str, *, often: bool = False, limits: Mapping[str, Any] = ONCE, **fault: Any) -> Case:
    return Case(mode, Effect.NOTHING, {"mode": mode, **fault}, limits, often=often)


def content(mode: str, *, every: int = 1, order: bool = False, often: bool = False) -> Case:
    name = mode if every == 1 else f"{mode}, one of {every}"
    return Case(name, Effect.DOUBT, {"mode": mode, "every": every}, order=order, often=often)


def once(mode: str, after: int, *, often: bool = False) -> Case:
    """Only one answer is bad, after some good ones: what came with the good ones is not all there is."""
    name = f"{mode}, after {after} good answer{'s' if after > 1 else ''}"
    return Case(name, Effect.DOUBT, {"mode": mode, "after": after, "count": 1}, ONCE, often=often)


CASES: tuple[Case, ...] = (
    unreadable("hang", limits=IMPATIENT),
    unreadable("hang-headers", limits=IMPATIENT),
    unreadable("drip", limits=IMPATIENT, seconds=5),
    unreadable("reset"),
    unreadable("truncate"),
    unreadable("html", often=True),
    unreadable("garbage"),
    unreadable("utf-16"),
    unreadable("bad-gzip"),
    unreadable("gzip-bomb"),
    unreadable("huge"),
    unreadable("redirect"),
    Case(
        "redirect to somebody else",
        Effect.NOTHING,
        {"mode": "redirect", "to": "http://169.254.169.254/latest/meta-data"},
        ONCE,
    ),
    unreadable("status:401"),
    unreadable("status:500"),
    Case("status:503, twice", Effect.HEALED, {"mode": "status:503", "count": 2}, {"attempts": 4}),
    Case(
        "status:429, Retry-After in seconds",
        Effect.HEALED,
        {"mode": "status:429", "count": 1, "retry_after": 1},
        {"attempts": 4},
    ),
    Case("status:429, for an hour", Effect.NOTHING, {"mode": "status:429", "retry_after": 3600}),
    Case(
        "status:429, Retry-After as a date",
        Effect.NOTHING,
        {"mode": "status:429", "retry_after": 3600, "dated": True},
    ),
    once("truncate", 1),
    once("truncate", 2),
    once("truncate", 4),
    once("status:404", 1),
    once("status:404", 2),
    once("status:404", 4),
    Case("bom", Effect.HEALED, {"mode": "bom"}),
    Case("an empty object", Effect.DOUBT, {"mode": "replace", "body": {}}),
    Case("an empty list", Effect.DOUBT, {"mode": "replace", "body": []}),
    Case("null", Effect.DOUBT, {"mode": "replace", "body": None}),
    content("rows-emptied"),
    content("rows-halved", often=True),
    content("rows-repeated", order=True),
    content("rows-reordered", order=True),
    content("price-negative"),
    content("price-negative", every=5),
    content("price-negative", every=40, often=True),
    content("price-zero"),
    content("price-zero", every=40),
    content("price-nan", every=5),
    content("price-huge", every=5),
    content("price-text", every=5),
    content("price-tenfold"),
    content("price-tenfold", every=40),
    content("currency-other"),
    content("currency-other", every=40),
    content("fields-missing", every=5, order=True),
    content("fields-missing", every=40, order=True),
    content("fields-missing", order=True),
    content("fields-renamed", order=True),
    content("fields-null", every=5, order=True),
    content("fields-typed", every=5, order=True),
    Case("fields-extra", Effect.HEALED, {"mode": "fields-extra"}),
    content("ids-missing", every=5, order=True),
    content("tenant-other"),
    content("tenant-other", every=5),
    content("clock-fast", order=True),
    content("clock-slow", order=True),
    content("pages-loop"),
    content("pages-repeated"),
    content("pages-overlapping"),
    content("pages-endless"),
    content("pages-lost"),
)
