"""An evaluation of operations that shares nothing with the read path but the parser.

It reads model instances with Django's synchronous ORM, one object at a time, and interprets the syntax by itself, after
chapter 6 of the GraphQL specification. What each field means stands in a table (``meanings``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    ListTypeNode,
    ListValueNode,
    NonNullTypeNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeNode,
    ValueNode,
    VariableNode,
    parse,
    parse_type,
)

from tests.equality.operation import Operation

ABSENT = object()


class Refused(Exception):
    """The operation asks for something that must be answered with an error."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field is: of a type (None: a leaf), a function of the object, the arguments and the world."""

    of: str | None
    value: Callable[[Any, Mapping[str, Any], Any], Any]
    takes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typed:
    """An object of a field whose type is an interface."""

    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Tables:
    """fields: type -> field -> meaning. scalars: name of an input type -> whether it admits a JSON value."""

    fields: Mapping[str, Mapping[str, Meaning]]
    interfaces: Mapping[str, set[str]]
    scalars: Mapping[str, Callable[[Any], bool]]


class Evaluation:
    """One operation in one world."""

    def __init__(self, tables: Tables, world: Any, operation: Operation) -> None:
        document: DocumentNode = parse(operation.document)
        self.tables, self.world = tables, world
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.root = next(
            node
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
            and (operation.name is None or (node.name is not None and node.name.value == operation.name))
        )
        self.variables = dict(self.variable_values(operation.variables))

    def data(self) -> Any:
        """The response's data. Raises ``Refused``."""
        return self.object("Query", None, [self.root.selection_set])

    def variable_values(self, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for definition in self.root.variable_definitions or ():
            name = definition.variable.name.value
            if name in given:
                yield name, self.coerced(definition.type, given[name])
            elif definition.default_value is not None:
                yield name, self.coerced(definition.type, self.literal(definition.default_value))
            elif isinstance(definition.type, NonNullTypeNode):
                raise Refused(name)

    def object(self, type_name: str, value: Any, sets: list[SelectionSetNode]) -> dict[str, Any]:
        """Fields in the order in which their response keys are first met."""
        grouped: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selections in sets:
            for node in self.collected(type_name, selections, seen):
                grouped.setdefault((node.alias or node.name).value, []).append(node)
        return {key: self.field(type_name, value, nodes) for key, nodes in grouped.items()}

    def collected(self, type_name: str, selections: SelectionSetNode, seen: set[str]) -> Iterator[FieldNode]:
        for node in selections.selections:
            if not self.included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            inside: Any = node
            if not isinstance(node, InlineFragmentNode):
                name = node.name.value  # type: ignore[attr-defined]
                if name in seen:
                    continue
                seen.add(name)
                inside = self.fragments[name]
            condition = inside.type_condition.name.value if inside.type_condition else type_name
            if condition == type_name or condition in self.tables.interfaces.get(type_name, ()):
                yield from self.collected(type_name, inside.selection_set, seen)

    def included(self, node: Any) -> bool:
        for directive in node.directives or ():
            value = self.argument("Boolean!", directive.arguments[0].value)
            if value is (directive.name.value == "skip"):
                return False
        return True

    def field(self, type_name: str, value: Any, nodes: list[FieldNode]) -> Any:
        node = nodes[0]
        if node.name.value == "__typename":
            return type_name
        meaning = self.tables.fields[type_name][node.name.value]
        arguments: dict[str, Any] = {}
        for given in node.arguments or ():
            found = self.argument(meaning.takes[given.name.value], given.value)
            if found is not ABSENT:
                arguments[given.name.value] = found
        missing = [name for name, kind in meaning.takes.items() if kind.endswith("!") and name not in arguments]
        if missing:
            raise Refused(", ".join(missing))
        result = meaning.value(value, arguments, self.world)
        sets = [node.selection_set for node in nodes if node.selection_set]
        return result if meaning.of is None else self.completed(meaning.of, result, sets)

    def completed(self, type_name: str, value: Any, sets: list[SelectionSetNode]) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [self.completed(type_name, element, sets) for element in value]
        if isinstance(value, Typed):
            return self.object(value.type, value.value, sets)
        return self.object(type_name, value, sets)

    def argument(self, kind: str, node: ValueNode) -> Any:
        """A value in the document as a value of the type ``kind``; ABSENT for a variable that has none."""
        value = self.literal(node)
        return value if value is ABSENT else self.coerced(parse_type(kind), value)

    def literal(self, node: ValueNode) -> Any:
        """A value in the document as JSON; enum values are texts."""
        if isinstance(node, VariableNode):
            return self.variables.get(node.name.value, ABSENT)
        if isinstance(node, NullValueNode):
            return None
        if isinstance(node, ListValueNode):
            found = [self.literal(value) for value in node.values]
            return [None if value is ABSENT else value for value in found]
        if isinstance(node, ObjectValueNode):
            return {part.name.value: self.literal(part.value) for part in node.fields}
        value = node.value  # type: ignore[attr-defined]
        return int(value) if node.kind == "int_value" else float(value) if node.kind == "float_value" else value

    def coerced(self, kind: TypeNode, value: Any) -> Any:
        """``value`` as that type; raises ``Refused`` where it does not fit."""
        if isinstance(kind, NonNullTypeNode):
            if value is None:
                raise Refused("null where the type is not nullable")
            return self.coerced(kind.type, value)
        if value is None:
            return None
        if isinstance(kind, ListTypeNode):
            return [self.coerced(kind.type, element) for element in (value if isinstance(value, list) else [value])]
        name = kind.name.value  # type: ignore[attr-defined]
        if not self.tables.scalars[name](value):
            raise Refused(f"{value!r} is not a {name}")
        return str(value) if name == "ID" else value


def matches(pattern: str) -> Callable[[Any], bool]:
    """Whether a value is text of that pattern."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def differing(expected: Any, found: Any, path: str = "") -> str | None:
    """Where two data differ, the order of keys included. ``Opaque`` values compare themselves."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if list(expected) != list(found):
            return f"{path}: keys {list(expected)} and {list(found)}"
        return next((at for key in expected if (at := differing(expected[key], found[key], f"{path}.{key}"))), None)
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return next((at for n, (a, b) in pairs if (at := differing(a, b, f"{path}[{n}]"))), None)
    if hasattr(expected, "opens"):
        return None if expected.opens(found) else f"{path}: {expected} and {found!r}"
    same = type(expected) is type(found) and expected == found
    return None if same else f"{path}: {expected!r} and {found!r}"
