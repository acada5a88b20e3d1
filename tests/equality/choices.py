"""Choices: what a generator decides. One draw of hypothesis seeds them all, so an operation is replayed from its seed.

A draw of hypothesis for every choice took 75 ms an operation, and its mutations repeated half of the operations. They
are made smaller on their syntax instead (``shrinking``).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Choices for one operation."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def below(self, count: int) -> int:
        """A number from 0 to ``count`` - 1."""
        return self._random.randrange(count)

    def between(self, least: int, most: int) -> int:
        """A number from ``least`` to ``most``."""
        return self._random.randint(least, most)

    def chance(self, percent: float) -> bool:
        """True in ``percent`` of 100 cases."""
        return self._random.random() * 100 < percent

    def pick(self, options: Sequence[T]) -> T:
        """One of ``options``."""
        return self._random.choice(options)

    def weighted(self, options: Sequence[tuple[int, T]]) -> T:
        """One of ``options``, each given with its weight; those of weight 0 never."""
        [found] = self._random.choices([option for _, option in options], [weight for weight, _ in options])
        return found
