"""What comparisons came to: counts, and the operations that were answered otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.equality.operation import Operation

AROUND = 160
BUCKETS = (0, 1, 20, 100, 1000, 10_000)


@dataclass(frozen=True, slots=True)
class Difference:
    """An operation that the candidate answered otherwise."""

    operation: Operation
    expected: bytes
    found: bytes

    def __str__(self) -> str:
        at = next(
            (n for n, (a, b) in enumerate(zip(self.expected, self.found, strict=False)) if a != b),
            min(len(self.expected), len(self.found)),
        )
        start = max(0, at - AROUND)
        return (
            f"{self.operation}\nfirst difference at byte {at}\n"
            f"reference: …{self.expected[start : at + AROUND].decode(errors='replace')}…\n"
            f"candidate: …{self.found[start : at + AROUND].decode(errors='replace')}…"
        )


@dataclass(slots=True)
class Tally:
    """What the comparisons came to."""

    total: int = 0
    with_errors: int = 0
    answered: int = 0
    left: int = 0
    """Left to the reference although it has no error to report."""
    cancelled: int = 0
    """Of those with errors, how many the reference did not even finish."""
    leaves: Counter[int] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def note(self, data: Any, *, failed: bool, answered: bool) -> None:
        """Count one operation. data: the reference's; failed: with errors; answered: by the candidate."""
        count = sum(1 for _ in leaves(data))
        self.total += 1
        self.leaves[max(bound for bound in BUCKETS if bound <= count)] += 1
        self.with_errors += failed
        self.answered += answered
        self.left += not answered and not failed

    @property
    def planned(self) -> float:
        """Share that the candidate answered of the operations without an error, in percent."""
        return 100 * (1 - self.left / max(1, self.total - self.with_errors))

    @property
    def full(self) -> float:
        """Share of operations whose answer has 20 leaves or more that are not null, in percent."""
        return 100 * sum(number for bound, number in self.leaves.items() if bound >= BUCKETS[2]) / max(1, self.total)

    def __str__(self) -> str:
        histogram = ", ".join(f"≥{bound}: {self.leaves[bound]}" for bound in BUCKETS)
        return (
            f"{self.total} operations, {len(self.differences)} differences; {self.answered} answered by the candidate,"
            f" {self.left} left to the reference, {self.with_errors} with errors, {self.cancelled} of them cancelled"
            f" ({self.planned:.1f} % of those without errors answered);"
            f" leaves {histogram} ({self.full:.1f} % have 20 or more)"
        )


def leaves(data: Any) -> Iterator[Any]:
    """Every leaf that is not null."""
    if isinstance(data, dict):
        for value in data.values():
            yield from leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from leaves(value)
    elif data is not None:
        yield data
