"""What a viewer needs: alternatives, each a set of scopes. The smallest ones, so that equal needs are equal values."""

from __future__ import annotations

from collections.abc import Iterable

Needed = frozenset[frozenset[str]]
"""Sets of scopes, any of which will do."""

OPEN: Needed = frozenset({frozenset()})
"""Nothing is needed."""


def smallest(alternatives: Iterable[frozenset[str]]) -> Needed:
    """Without the alternatives that ask for more than another does."""
    found = frozenset(alternatives)
    return frozenset(one for one in found if not any(other < one for other in found))


def all_of(needs: Iterable[Needed]) -> Needed:
    """What is needed where every one of ``needs`` is."""
    total = OPEN
    for needed in needs:
        if needed is not OPEN and needed != OPEN:
            total = smallest(one | other for one in total for other in needed)
    return total


def any_of(needs: Iterable[Needed]) -> Needed:
    """What is needed where one of ``needs`` will do; of none, what nobody has: no alternative."""
    return smallest(alternative for needed in needs for alternative in needed)


def has(scopes: frozenset[str], needed: Needed) -> bool:
    """Whether a viewer with ``scopes`` has what is needed."""
    for alternative in needed:  # noqa: SIM110 - on every request, and a generator costs three times as much
        if alternative <= scopes:
            return True
    return False


def told(needed: Needed) -> str:
    """``prices:read, or menus:read and menus:internal``."""
    return ", or ".join(" and ".join(sorted(one)) for one in sorted(needed, key=lambda one: (len(one), sorted(one))))
