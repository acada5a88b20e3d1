"""``@skip`` and ``@include``: what has to hold for a selection to run (GraphQL specification, 3.13.1 and 3.13.2)."""

from __future__ import annotations

from graphql import BooleanValueNode, SelectionNode, VariableNode

from gateway.limits.cost_tree import Condition
from gateway.limits.inputs import Inputs, truth_of

WANTED = {"skip": False, "include": True}


def conditions_of(selection: SelectionNode, inputs: Inputs) -> Condition | None:
    """What has to hold of the variables; None where the selection never runs."""
    if not selection.directives:
        return frozenset()
    found = set()
    for directive in selection.directives:
        wanted = WANTED.get(directive.name.value)
        if wanted is None or not directive.arguments:
            continue
        value = directive.arguments[0].value
        if isinstance(value, BooleanValueNode) and value.value is not wanted:
            return None
        if isinstance(value, VariableNode):
            found.add((inputs.place(value.name.value, truth_of), wanted))
    return frozenset(found)
