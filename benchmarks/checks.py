"""Nothing is measured before every contestant gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from benchmarks.contestants.contestant import Contestant
from benchmarks.operations import Operation, Variables

AROUND = 60


class DifferentBytes(Exception):
    """Two contestants gave different answers."""


class HollowAnswer(Exception):
    """The contestants agree on an answer that has nothing in it: the data do not fit the variables."""


def check_full(operation: Operation, variables: Variables, body: bytes) -> None:
    """Raises ``HollowAnswer`` for an answer with fewer objects than every answer of the operation has."""
    found = body.count(b'"id":')
    if found < operation.ids:
        raise HollowAnswer(f"{operation.title}, {variables}: {found} objects instead of {operation.ids}: {body[:80]!r}")


async def check_equal_bytes(
    contestants: Mapping[str, Contestant], operation: Operation, wanted: Iterable[Variables]
) -> int:
    """Ask every contestant for the same and compare. Returns: the number of answers compared.

    Raises ``DifferentBytes`` with the place of the first difference.
    """
    compared = 0
    for variables in wanted:
        answers = {name: await contestant.answer(operation, variables) for name, contestant in contestants.items()}
        (first, expected), *others = answers.items()
        for name, body in others:
            if body != expected:
                raise DifferentBytes(
                    f"{operation.title}, {variables}: {first} and {name} differ: {difference(expected, body)}"
                )
            compared += 1
    return compared


def difference(left: bytes, right: bytes) -> str:
    """Both sides around the first byte that differs."""
    place = next((at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), -1)
    place = min(len(left), len(right)) if place < 0 else place
    start = max(0, place - AROUND)
    return f"at byte {place}: {left[start : place + AROUND]!r} and {right[start : place + AROUND]!r}"
