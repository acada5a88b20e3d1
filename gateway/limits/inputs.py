"""What of its variables an operation's cost depends on: sizes that are asked for, what is given, what is skipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import OperationDefinitionNode, value_from_ast_untyped

Reading = float | None
Read = Callable[[Any], Reading]
Readings = tuple[Reading, ...]

CEILING = 1_000_000_000
"""No size counts for more, so that no cost overflows."""


def size_of(value: Any) -> Reading:
    """The number of rows that an integer asks for; None where it is none, which coercion reports."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return min(max(value, 0), CEILING)


def length_of(value: Any) -> Reading:
    """The length of what is given for a list; a single value is a list of one."""
    if value is None:
        return None
    return len(value) if isinstance(value, list) else 1


def truth_of(value: Any) -> Reading:
    """1 or 0 for a boolean, None for anything else."""
    return float(value) if isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Input:
    """One reading of one variable. default: the variable's own, None without one."""

    name: str
    default: Any
    read: Read


@dataclass(slots=True)
class Inputs:
    """The readings that an operation's cost depends on, in the order in which they were first needed."""

    operation: OperationDefinitionNode
    found: list[Input] = field(default_factory=list)

    def place(self, name: str, read: Read) -> int:
        """Where the reading of a variable will be."""
        for place, known in enumerate(self.found):
            if known.name == name and known.read == read:
                return place
        self.found.append(Input(name, self.default(name), read))
        return len(self.found) - 1

    def default(self, name: str) -> Any:
        """The default of a variable, None without one."""
        for variable in self.operation.variable_definitions or ():
            if variable.variable.name.value == name and variable.default_value is not None:
                return value_from_ast_untyped(variable.default_value)
        return None


def read_inputs(inputs: Sequence[Input], variables: Mapping[str, Any]) -> Readings:
    """The readings of a request's variables as they were sent."""
    return tuple([each.read(variables.get(each.name, each.default)) for each in inputs])
