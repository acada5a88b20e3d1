"""A registered document's own budget: how much of everything that is limited it may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import msgspec

from persisted_queries.problems import BudgetRefused


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits that hold for one document in place of the configured ones; None: as configured.

    cost: estimated, whether a plan or resolvers run it. response_bytes: of one answer, before compression. The others
    are the gateway's limits on documents, of the same names.
    """

    cost: int | None = None
    response_bytes: int | None = None
    text_bytes: int | None = None
    tokens: int | None = None
    depth: int | None = None
    root_fields: int | None = None
    selections: int | None = None
    aliases: int | None = None
    directives: int | None = None
    list_length: int | None = None
    variables: int | None = None
    fragments: int | None = None
    comparisons: int | None = None
    errors: int | None = None

    @property
    def given(self) -> dict[str, int]:
        """The limits that it sets, by name, always in one order."""
        found = ((name, getattr(self, name)) for name in NAMES)
        return {name: value for name, value in found if value is not None}

    @property
    def text(self) -> str:
        """The same as JSON: equal budgets, equal texts."""
        return msgspec.json.encode(self.given).decode()


NAMES = tuple(field.name for field in fields(Budget))

LARGEST = 2**31 - 1
MOST = {"tokens": 20_000, "depth": 200}
"""Where a larger number is out of reach for whatever walks through a document, as in the settings."""


def budget_of(values: Mapping[str, object]) -> Budget:
    """The budget that sets limits to numbers. Raises ``BudgetRefused`` for another name, no number, none at all."""
    if not values:
        raise BudgetRefused("a budget sets one limit at least")
    for name, value in values.items():
        if name not in NAMES:
            raise BudgetRefused(f"a budget has no {name!r}; it may set {', '.join(NAMES)}")
        if not settable(name, value):
            raise BudgetRefused(f"{name} is a whole number from 1 to {most(name):,} (got {value!r})")
    return held_budget(values) or Budget()


def held_budget(value: object) -> Budget | None:
    """The budget that a tier holds, None without one.

    What could not have been set is left out: a process may read what one of the next version has written.
    """
    if not isinstance(value, Mapping):
        return None
    known = {name: value[name] for name in NAMES if settable(name, value.get(name))}
    return Budget(**known) if known else None


def settable(name: str, value: object) -> bool:
    """Whether a limit may be set to something."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most(name)


def most(name: str) -> int:
    """The largest number that a limit may be set to."""
    return MOST.get(name, LARGEST)
