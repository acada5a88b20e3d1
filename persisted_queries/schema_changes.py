"""What differs between two schemas, and which of it an operation uses.

graphql-core names the changes, by the kinds of graphql-js' ``findSchemaChanges``; it tells what is concerned in words
alone, which are read back here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from graphql import GraphQLSchema
from graphql.utilities.find_schema_changes import (
    BreakingChangeType,
    DangerousChangeType,
    SchemaChange,
    find_schema_changes,
)

from persisted_queries.uses import Uses

Severity = Literal["breaking", "dangerous", "safe"]

SUBJECTS = {
    "TYPE_REMOVED": re.compile(r"(\w+) was removed"),
    "TYPE_CHANGED_KIND": re.compile(r"(\w+) changed from"),
    "TYPE_REMOVED_FROM_UNION": re.compile(r"union type (\w+)"),
    "TYPE_ADDED_TO_UNION": re.compile(r"union type (\w+)"),
    "IMPLEMENTED_INTERFACE_REMOVED": re.compile(r"interface (\w+)"),
    "IMPLEMENTED_INTERFACE_ADDED": re.compile(r"^(\w+) added"),
}
COORDINATE = re.compile(r"(@\w+|\w+\.\w+(?:\(\w+:\))?)")
INVISIBLE = {"FIELD_REMOVED", "FIELD_CHANGED_KIND", "VALUE_REMOVED_FROM_ENUM", "REQUIRED_INPUT_FIELD_ADDED"}
"""Kinds of which validation sees nothing where an operation takes the type through a variable."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    ``subject`` is what it is about: ``Type``, ``Type.field``, ``Type.field(argument:)``, ``@directive`` …
    """

    severity: Severity
    kind: str
    subject: str
    description: str

    @property
    def type_name(self) -> str:
        """The type that ``subject`` is, or is part of."""
        return self.subject.partition(".")[0]

    @property
    def field(self) -> str:
        """``Type.field`` of an argument's coordinate."""
        return self.subject.partition("(")[0]


def changes(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """Every difference: breaking ones first, then dangerous, then safe."""
    found = [change_of(change) for change in find_schema_changes(old, new)]
    order = ("breaking", "dangerous", "safe")
    return sorted(found, key=lambda change: order.index(change.severity))


def change_of(change: SchemaChange) -> Change:
    kind = change.type.name
    severity: Severity = "safe"
    if isinstance(change.type, BreakingChangeType):
        severity = "breaking"
    elif isinstance(change.type, DangerousChangeType):
        severity = "dangerous"
    match = SUBJECTS.get(kind, COORDINATE).search(change.description)
    return Change(severity, kind, match.group(1) if match else "", change.description)


def touches(change: Change, uses: Uses) -> bool:
    """Whether an operation uses what a breaking or dangerous change is about."""
    if change.subject.startswith("@"):
        return change.subject[1:] in uses.directives
    return TOUCHES.get(change.kind, touches_type)(change, uses)


def touches_type(change: Change, uses: Uses) -> bool:
    return change.subject in uses.returned | uses.inputs | uses.conditions


def touches_field(change: Change, uses: Uses) -> bool:
    return change.subject in uses.selected or takes_type(change, uses)


def takes_type(change: Change, uses: Uses) -> bool:
    return change.type_name in uses.inputs


def returns_type(change: Change, uses: Uses) -> bool:
    return change.type_name in uses.returned


def executes_field(change: Change, uses: Uses) -> bool:
    return change.field in uses.executed


def gives_argument(change: Change, uses: Uses) -> bool:
    return change.subject in uses.given


def needs_argument(change: Change, uses: Uses) -> bool:
    required = change.description.endswith("!.")
    return gives_argument(change, uses) or (required and executes_field(change, uses))


def relies_on_default(change: Change, uses: Uses) -> bool:
    return executes_field(change, uses) and change.subject not in uses.fixed


TOUCHES: dict[str, Callable[[Change, Uses], bool]] = {
    "FIELD_REMOVED": touches_field,
    "FIELD_CHANGED_KIND": touches_field,
    "REQUIRED_INPUT_FIELD_ADDED": takes_type,
    "OPTIONAL_INPUT_FIELD_ADDED": takes_type,
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": takes_type,
    "VALUE_REMOVED_FROM_ENUM": takes_type,
    "VALUE_ADDED_TO_ENUM": returns_type,
    "REQUIRED_ARG_ADDED": executes_field,
    "OPTIONAL_ARG_ADDED": executes_field,
    "ARG_REMOVED": gives_argument,
    "ARG_CHANGED_KIND": needs_argument,
    "ARG_DEFAULT_VALUE_CHANGE": relies_on_default,
}
"""Kinds that are about a part of a type; the others are about types."""


def breaks(change: Change, uses: Uses) -> bool:
    """Whether a change breaks an operation that is still valid: by what it is answered, or by what it may be sent."""
    if change.severity != "breaking":
        return False
    if change.kind == "TYPE_CHANGED_KIND":
        return change.subject in uses.returned or change.subject in uses.variables
    if change.kind == "FIELD_CHANGED_KIND" and change.subject in uses.selected:
        return True
    if change.kind == "ARG_CHANGED_KIND":
        return change.subject in uses.nullable
    return change.kind in INVISIBLE and change.type_name in uses.variables
