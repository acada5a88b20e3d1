"""Which counts of a document are bounded, and what a client is told of one that is too large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode

from gateway.endpoint.errors import RequestError
from gateway.limits.limits import DocumentLimits
from gateway.limits.shape import CEILING, Shape, measure


@dataclass(frozen=True, slots=True)
class Rule:
    """A count of ``Shape`` and the limit of the same name; words tell what is counted."""

    count: str
    code: str
    words: str

    def refusal(self, found: int, limit: int) -> RequestError:
        """The refusal of a document with ``found`` of them."""
        shown = f"{found:,} or more" if found >= CEILING else f"{found:,}"
        return RequestError(400, self.code, f"the document has {shown} {self.words}; {limit:,} are allowed")


RULES = (
    Rule("depth", "DOCUMENT_TOO_DEEP", "levels of nested fields"),
    Rule("root_fields", "TOO_MANY_ROOT_FIELDS", "root fields"),
    Rule("selections", "TOO_MANY_SELECTIONS", "selections, its fragments spread in place"),
    Rule("aliases", "TOO_MANY_ALIASES", "aliases, its fragments spread in place"),
    Rule("directives", "TOO_MANY_DIRECTIVES", "directives, its fragments spread in place"),
    Rule("list_length", "LIST_TOO_LONG", "elements in one list"),
    Rule("variables", "TOO_MANY_VARIABLES", "variables in one operation"),
    Rule("fragments", "TOO_MANY_FRAGMENTS", "fragment definitions"),
)


def check_document(document: DocumentNode, limits: DocumentLimits) -> Shape:
    """The shape of a document that keeps every limit. Before validation, which does more work for a larger one.

    Raises ``RequestError`` (400) that names the first limit that is broken, the number found and the number allowed.
    """
    shape = measure(document)
    for rule in RULES:
        found, limit = getattr(shape, rule.count), getattr(limits, rule.count)
        if found > limit:
            raise rule.refusal(found, limit)
    return shape


def check_variables(variables: Mapping[str, Any] | None, limits: DocumentLimits) -> None:
    """Raise ``RequestError`` (400) for a list among the variables that is longer than a document's may be."""
    if not variables:
        return
    for name, value in variables.items():
        if isinstance(value, (list, dict)):
            found = longest(value)
            if found > limits.list_length:
                raise RequestError(
                    400,
                    "LIST_TOO_LONG",
                    f"the variable ${name} has {found:,} elements in one list; {limits.list_length:,} are allowed",
                )


def longest(value: Any) -> int:
    """Elements of the longest list anywhere in a JSON value."""
    found, rest = 0, [value]
    while rest:
        one = rest.pop()
        if isinstance(one, list):
            found = max(found, len(one))
            rest.extend(inner for inner in one if isinstance(inner, (list, dict)))
        elif isinstance(one, dict):
            rest.extend(inner for inner in one.values() if isinstance(inner, (list, dict)))
    return found
