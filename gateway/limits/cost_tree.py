"""What an operation costs, as a tree of its fields: an estimate before it runs, the actual cost of an answer.

IBM's GraphQL Cost Directives specification, section 4: the costs of fields, types and arguments add up, and a list's
size multiplies what is inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.limits.inputs import Input, Readings, read_inputs
from loaders.recent import Recent

REMEMBERED = 64
"""Estimates that one operation remembers, by what they depend on."""


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of a list.

    assumed: where nothing asks for a number. fixed: the largest that the document itself asks for. places: of the
    readings that ask for one, each with the argument's own default. inner: elements of one row.
    """

    assumed: float
    fixed: float | None = None
    places: tuple[tuple[int, float | None], ...] = ()
    inner: float = 1.0

    def of(self, readings: Readings) -> float:
        """The largest size that is asked for."""
        asked = [] if self.fixed is None else [self.fixed]
        for place, default in self.places:
            reading = readings[place]
            size = default if reading is None else reading
            if size is not None:
                asked.append(size)
        return self.inner * (max(asked) if asked else self.assumed)

    def times(self, inner: float) -> Size:
        """The same of lists of ``inner`` elements each."""
        return replace(self, inner=inner)


@dataclass(frozen=True, slots=True)
class Given:
    """What arguments cost. fixed: those given in the document. places: of the costs of those given by variables."""

    fixed: float = 0.0
    places: tuple[int, ...] = ()

    def of(self, readings: Readings) -> float:
        """Their sum."""
        return self.fixed + sum([readings[place] or 0.0 for place in self.places])


Condition = frozenset[tuple[int, bool]]
"""Places of readings and the truth that each must have."""


@dataclass(frozen=True, slots=True, eq=False)
class CostNode:
    """A field, all its selections merged. key: its name in the response. once: what its arguments cost.

    each: what one value of it costs, a list's element. size: None where it is no list. when: of several conditions one
    has to hold; empty: always. alternatives: the fields inside, for each type that the value may have.
    """

    key: str
    each: float
    once: Given = Given()
    size: Size | None = None
    when: tuple[Condition, ...] = ()
    alternatives: tuple[tuple[CostNode, ...], ...] = ()

    def estimate(self, readings: Readings, known: dict[CostNode, float]) -> float:
        """The cost by the sizes that are asked for. known: of nodes that occur several times."""
        found = known.get(self)
        if found is None:
            found = known[self] = self._estimate(readings, known) if self.runs(readings) else 0.0
        return found

    def _estimate(self, readings: Readings, known: dict[CostNode, float]) -> float:
        inside = [sum([node.estimate(readings, known) for node in nodes]) for nodes in self.alternatives]
        each = self.each + max(inside, default=0.0)
        return self.once.of(readings) + (each if self.size is None else self.size.of(readings) * each)

    def actual(self, value: Any, readings: Readings) -> float:
        """The cost of the values in an answer. Of an object whose type is not known the dearest alternative counts."""
        return self.once.of(readings) + self.inside(value, readings)

    def inside(self, value: Any, readings: Readings) -> float:
        """The same without the arguments, which count once for a whole list."""
        if value is None:
            return 0.0
        if isinstance(value, list):
            return sum([self.inside(element, readings) for element in value])
        if not self.alternatives:
            return self.each
        return self.each + max(cost_of(nodes, value, readings) for nodes in self.alternatives)

    def runs(self, readings: Readings) -> bool:
        """Whether it is neither skipped nor left out."""
        return not self.when or any(
            all(readings[place] is None or bool(readings[place]) == wanted for place, wanted in condition)
            for condition in self.when
        )


def cost_of(nodes: tuple[CostNode, ...], value: Mapping[str, Any], readings: Readings) -> float:
    """The actual cost of an object's fields."""
    return sum([node.actual(value[node.key], readings) for node in nodes if node.key in value])


class Estimator:
    """The cost of one operation. Made once with its document."""

    def __init__(self, root: CostNode, inputs: tuple[Input, ...]) -> None:
        self.root = root
        self.inputs = inputs
        self._estimates: Recent[float] = Recent(REMEMBERED)
        self._always = None if inputs else root.estimate((), {})

    def estimate(self, variables: Mapping[str, Any] | None) -> float:
        """The cost at most, as far as the schema's sizes hold. variables: as they were sent."""
        if self._always is not None:
            return self._always
        readings = read_inputs(self.inputs, variables or {})
        return self._estimates.get(readings, lambda: self.root.estimate(readings, {}))

    def actual(self, data: Mapping[str, Any] | None, variables: Mapping[str, Any] | None) -> float:
        """The cost of ``data``, an answer to this operation; one walk over it."""
        return self.root.actual(data, read_inputs(self.inputs, variables or {}))
