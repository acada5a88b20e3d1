"""Expressions: what a declaration reads out of a supplier's JSON, in JMESPath (https://jmespath.org/specification.html).

Compiled once. What an expression reads is known before it is evaluated, so that one can tell which fields of a supplier
nobody reads, and which expressions say the same whatever the item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

from sync.errors import DocumentRefused, SettingsError
from sync.sources.http_json.functions import FAILURES, Around, Vocabulary

EVERYTHING = "*"
"""Among the fields that an expression reads: all of them."""
CHAINS = {"subexpression", "index_expression", "pipe"}
PROJECTIONS = {"projection", "value_projection", "filter_projection", "flatten"}
"""Kinds of nodes whose first child is evaluated over the value, the others over what that says."""


class Unreadable(Exception):
    """An expression cannot be evaluated: ``rule`` is broken by ``value``."""

    def __init__(self, rule: str, value: str) -> None:
        super().__init__(f"{rule}: {value}")
        self.rule = rule
        self.value = value


@dataclass(frozen=True, slots=True)
class Expression:
    """``text`` compiled. ``reads``: the fields that it reads of what it is evaluated over, ``EVERYTHING`` for all.

    ``reads_item`` and ``reads_parent``: those that it reads of ``item()`` and of ``parent()``.
    """

    text: str
    parsed: Any
    reads: frozenset[str]
    reads_item: frozenset[str]
    reads_parent: frozenset[str]

    @property
    def independent(self) -> bool:
        """Whether it says the same about every item."""
        return not self.reads and not self.reads_item and not calls(self.parsed.parsed, {"position", "document"})

    @property
    def reads_document(self) -> bool:
        """Whether it says something about the page."""
        return calls(self.parsed.parsed, {"document"})

    def over(self, value: Any, around: Around) -> Any:
        """What it says about ``value``. Raises ``Unreadable``."""
        try:
            return self.parsed.search(value, jmespath.Options(custom_functions=Vocabulary(around)))
        except FAILURES as exc:
            raise Unreadable(f"{self.text} must be readable", " ".join(str(exc).split())) from exc


def expression(place: str, declared: object) -> Expression:
    """The expression that stands at ``place``. Raises ``SettingsError`` that names what is wrong with it."""
    if not isinstance(declared, str) or not declared.strip():
        raise SettingsError(place, "must be a JMESPath expression", declared)
    try:
        parsed = jmespath.compile(declared)
    except JMESPathError as exc:
        reason = " ".join(str(exc).split())
        raise SettingsError(place, f"must be a JMESPath expression: {reason}", declared) from exc
    for name, arguments in called(parsed.parsed):
        check_call(place, declared, name, arguments)
    make_exact(parsed.parsed)
    own, item, parent = (frozenset(reads(parsed.parsed, of)) for of in (None, "item", "parent"))
    return Expression(declared, parsed, own, item, parent)


def over_page(expression: Expression, content: Any) -> Any:
    """What ``expression`` says about a page. Raises ``DocumentRefused``."""
    try:
        return expression.over(content, Around(document=content))
    except Unreadable as exc:
        raise DocumentRefused(exc.rule, exc.value) from exc


def constant(value: Any) -> Any:
    """A literal of a declaration, as a supplier would have said it."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, list):
        return [constant(one) for one in value]
    return {name: constant(one) for name, one in value.items()} if isinstance(value, Mapping) else value


def check_call(place: str, declared: str, name: str, arguments: int) -> None:
    """Raises ``SettingsError`` for a function that does not exist, or takes other arguments."""
    known = Vocabulary.FUNCTION_TABLE.get(name)
    if known is None:
        raise SettingsError(place, f"must call functions that exist, not {name}()", declared)
    wanted = known["signature"]
    variadic = bool(wanted) and bool(wanted[-1].get("variadic"))
    if arguments < len(wanted) if variadic else arguments != len(wanted):
        rule = f"must give {name}() {'at least ' if variadic else ''}{len(wanted)} arguments, not {arguments}"
        raise SettingsError(place, rule, declared)


def nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The node and all below it."""
    yield node
    for child in node["children"]:
        if isinstance(child, dict):
            yield from nodes(child)


def called(node: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The functions that are called, each with its number of arguments."""
    for found in nodes(node):
        if found["type"] == "function_expression":
            yield found["value"], len(found["children"])


def calls(node: Mapping[str, Any], names: set[str]) -> bool:
    return any(name in names for name, _ in called(node))


def make_exact(node: Mapping[str, Any]) -> None:
    """Give literals with a fraction the number that is written."""
    for found in nodes(node):
        if found["type"] == "literal":
            found["value"] = constant(found["value"])  # type: ignore[index]


def reads(node: Mapping[str, Any], of: str | None) -> Iterator[str]:
    """The fields that are read of the value itself (``of`` None), or of what the function ``of`` answers."""
    kind, children = node["type"], node["children"]
    if kind in CHAINS or kind in PROJECTIONS:
        first, *rest = children
        if is_root(first, of):
            named = kind in CHAINS and rest[0]["type"] == "field"
            yield rest[0]["value"] if named else EVERYTHING
        else:
            yield from reads(first, of)
        for child in rest:
            yield from inner_calls(child, of)
    elif kind == "field":
        yield from [node["value"]] if of is None else []
    elif is_root(node, of) or (of is None and kind == "index"):
        yield EVERYTHING
    elif kind == "expref":
        yield from inner_calls(children[0], of)
    else:
        for child in children:
            if isinstance(child, dict):
                yield from reads(child, of)


def is_root(node: Mapping[str, Any], of: str | None) -> bool:
    """Whether the node is the value, or the call of ``of``, itself."""
    if of is None:
        return node["type"] in {"current", "identity"}
    return bool(node["type"] == "function_expression" and node["value"] == of)


def inner_calls(node: Mapping[str, Any], of: str | None) -> Iterator[str]:
    """What is read of ``of`` where the value is another one."""
    if of is not None:
        yield from reads(node, of)
