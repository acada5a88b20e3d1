"""A document's budget in words."""

from __future__ import annotations

from collections.abc import Mapping


def in_words(given: Mapping[str, int] | None) -> str:
    """A budget, limits by name, as a sentence goes on."""
    if not given:
        return "no budget of its own"
    return "a budget of its own: " + ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in given.items())
