"""Objects as Python source: one expression for each, after the lines that check and compute its parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from loaders.nodes import encode_id
from plans.completion import Completion, EnumNames
from plans.errors import Deopt
from plans.tree import (
    ColumnValue,
    ComputedValue,
    EachOfValue,
    EmbeddedValue,
    GlobalIdValue,
    OneOfValue,
    PageValue,
    RowsValue,
    RowValue,
    Typename,
    Value,
    View,
)

INDENT = "    "


class ObjectWriter:
    """Writes what becomes of one row.

    names: what the source may refer to. to_bytes: the objects are only written as JSON, by orjson. stamp: what decides
    when computed values change is collected too, for ``changing`` in that order.
    """

    def __init__(self, *, to_bytes: bool, stamp: bool = False) -> None:
        self.to_bytes = to_bytes
        self.stamp = stamp
        self.changing: list[ComputedValue] = []
        self.names: dict[str, Any] = {"null": null, "datetime": datetime, "UTC": UTC}
        self.lines: list[str] = []
        self.depth = 1
        self.memos: list[str] = []
        self._temporaries = 0

    def write(self, line: str) -> None:
        """One line at the current depth."""
        self.lines.append(INDENT * self.depth + line)

    def temporary(self) -> str:
        """A variable of its own."""
        self._temporaries += 1
        return f"t{self._temporaries}"

    def constant(self, prefix: str, value: Any) -> str:
        """A name for a value that the source refers to."""
        for name, known in self.names.items():
            if known is value and name.startswith(prefix):
                return name
        name = f"{prefix}{len(self.names)}"
        self.names[name] = value
        return name

    def object(self, view: View, names: Mapping[str, str], present: frozenset[str] = frozenset()) -> str:
        """Checks and temporaries of one object as lines, the object as an expression. present: columns not null."""
        checks = [
            names[value.column]
            for _, value in view.fields
            if isinstance(value, ColumnValue) and not value.completion.nullable and value.column not in present
        ]
        if checks:
            self.write("if " + " or ".join(f"{name} is None" for name in dict.fromkeys(checks)) + ":")
            self.write(f"{INDENT}null()")
        parts = [f"{key!r}: {self.value(value, names)}" for key, value in view.fields]
        return "{" + ", ".join(parts) + "}"

    def value(self, value: Value, names: Mapping[str, str]) -> str:  # noqa: C901, PLR0911 - one line for each kind of value
        """One value as an expression, after whatever lines it needs."""
        match value:
            case Typename():
                return repr(value.name)
            case ColumnValue():
                name = names[value.column]
                return self.completed(value.completion, name, nullable=value.completion.nullable)
            case GlobalIdValue():
                return self.global_id(value, names)
            case ComputedValue():
                return self.computed(value, names)
            case EmbeddedValue():
                return self.embedded(value, names)
            case RowsValue():
                return f"g{value.node.index}({names[value.key]}) or []"
            case RowValue():
                return self.row(value, names)
            case OneOfValue():
                return self.one_of(value, names)
            case EachOfValue():
                return self.each_of(value, names)
            case PageValue():
                return f"g{value.node.index}({names[value.node.parent_column]})"

    def completed(self, completion: Completion, name: str, *, nullable: bool) -> str:
        """The JSON value of a variable that is known not to be None, unless nullable."""
        complete = completion.complete
        if complete is None or (completion.native and self.to_bytes and completion.unless is None):
            return name
        owner = getattr(complete, "__self__", None)
        if isinstance(owner, EnumNames):
            made = f"{self.constant('enum', owner)}[{name}]"
        else:
            made = f"{self.constant('leaf', complete)}({name})"
        condition = f"{name} is None" if nullable else ""
        if completion.unless is not None and (self.to_bytes or not completion.native):
            known = "" if completion.known is None else self.constant("known", completion.known)
            unless = completion.unless.format(v=name, known=known)
            condition = f"{condition} or {unless}" if condition else unless
        return f"{name} if {condition} else {made}" if condition else made

    def global_id(self, value: GlobalIdValue, names: Mapping[str, str]) -> str:
        """A global id, made by PostgreSQL or here."""
        name = names[value.column]
        if value.padding is None:
            self.names["encode_id"] = encode_id
            return f"encode_id({value.type_name!r}, {name})"
        return f"{name}[:-{value.padding}]" if value.padding else name

    def computed(self, value: ComputedValue, names: Mapping[str, str]) -> str:
        """A pure function's result, remembered for the operation where what decides it repeats."""
        computed, made, memo = value.computed, self.temporary(), None
        given = [names[column] for column in computed.columns]
        if value.arguments is not None:
            given.append(f"**arguments[{value.arguments}]")
        if computed.reads_instant:
            given.append("instant=now")
        function = self.constant("compute", computed.function)
        if value.repeats:
            memo = f"memo{len(self.memos)}"
            self.memos.append(memo)
            self.write(f"at = ({', '.join(names[column] for column in value.repeats)},)")
            self.write(f"if at in {memo}:")
            self.write(f"{INDENT}{made} = {memo}[at]")
            self.write("else:")
            self.depth += 1
        if self.stamp and computed.reads_instant:
            # Where results are remembered, that is once for each.
            self.write(f"seen{len(self.changing)}(({''.join(f'{names[column]}, ' for column in computed.columns)}))")
            self.changing.append(value)
        self.write(f"{made} = {function}({', '.join(given)})")
        if not value.completion.nullable:
            self.write(f"if {made} is None:")
            self.write(f"{INDENT}null()")
        completed = self.completed(value.completion, made, nullable=value.completion.nullable)
        if memo:
            self.write(f"{made} = {memo}[at] = {completed}")
            self.depth -= 1
            return made
        return completed

    def embedded(self, value: EmbeddedValue, names: Mapping[str, str]) -> str:
        """An object of the same row, or None."""
        if not value.unless_null:
            return self.object(value.view, names)
        made = self.temporary()
        self.write("if " + " and ".join(f"{names[column]} is None" for column in value.unless_null) + ":")
        self.write(f"{INDENT}{made} = None" if value.nullable else f"{INDENT}null()")
        self.write("else:")
        self.depth += 1
        known = frozenset(value.unless_null) if len(value.unless_null) == 1 else frozenset()
        inner = self.object(value.view, names, known)
        self.write(f"{made} = {inner}")
        self.depth -= 1
        return made

    def row(self, value: RowValue, names: Mapping[str, str]) -> str:
        """The object of a to-one fetch."""
        at, key = value.node.index, names[value.key]
        if value.nullable and not value.node.fetch.empty_when_missing:
            return f"g{at}({key})"
        made = self.temporary()
        self.write(f"{made} = g{at}({key})")
        self.write(f"if {made} is None:")
        self.depth += 1
        if value.node.fetch.empty_when_missing:
            self.write(f"if {key} is not None:")
            self.write(f"{INDENT}{made} = m{at}")
            if value.nullable:
                self.write(f"{INDENT}if {made} is None:")
                self.write(f"{INDENT}{INDENT}null()")
        if not value.nullable:
            self.write(f"if {made} is None:")
            self.write(f"{INDENT}null()")
        self.depth -= 1
        return made

    def one_of(self, value: OneOfValue, names: Mapping[str, str]) -> str:
        """The first object that exists."""
        made = self.temporary()
        first, *rest = [f"g{node.index}({names[key]})" for node, key in value.nodes]
        self.write(f"{made} = {first}")
        for other in rest:
            self.write(f"if {made} is None:")
            self.write(f"{INDENT}{made} = {other}")
        if not value.nullable:
            self.write(f"if {made} is None:")
            self.write(f"{INDENT}null()")
        return made

    def each_of(self, value: EachOfValue, names: Mapping[str, str]) -> str:
        """The objects of every type, one type after the other or merged."""
        parts = " + ".join(f"(g{node.index}({names[key]}) or [])" for node, key in value.nodes)
        if not value.merged:
            return parts
        self.names["by_order"] = by_order
        return f"[made for _, made in sorted({parts}, key=by_order)]"


def pack(value: Any) -> orjson.Fragment:
    """An object as finished JSON."""
    return orjson.Fragment(orjson.dumps(value))


def by_order(pair: tuple[Any, Any]) -> Any:
    """The value that merged rows are sorted by."""
    return pair[0]


def null() -> None:
    """Report a null where the schema takes none."""
    raise Deopt("a null where the schema takes none")
