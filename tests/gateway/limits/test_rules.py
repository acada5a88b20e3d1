"""Every rule: a document at its limit is kept, the next larger one is refused with both numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from benchmarks.operations import OPERATIONS
from gateway.endpoint.errors import RequestError
from gateway.limits.limits import DocumentLimits
from gateway.limits.rules import RULES, check_document, check_variables

TEXTS = {
    "depth": ("{ a { b { c } } }", "DOCUMENT_TOO_DEEP", "3 levels of nested fields"),
    "root_fields": ("{ a b ...F } fragment F on Query { c }", "TOO_MANY_ROOT_FIELDS", "3 root fields"),
    "selections": ("{ a ...F } fragment F on Query { c }", "TOO_MANY_SELECTIONS", "3 selections"),
    "aliases": ("{ x: a ...F ...F } fragment F on Query { y: c }", "TOO_MANY_ALIASES", "3 aliases"),
    "directives": ("{ a @d @d ... @d { b } }", "TOO_MANY_DIRECTIVES", "3 directives"),
    "list_length": ("{ a(b: [1 2 3]) }", "LIST_TOO_LONG", "3 elements in one list"),
    "variables": ("query($a: I $b: I $c: I) { a }", "TOO_MANY_VARIABLES", "3 variables in one operation"),
    "fragments": (
        "{ a } fragment A on T { a } fragment B on T { a } fragment C on T { a }",
        "TOO_MANY_FRAGMENTS",
        "3 fragment definitions",
    ),
}


def test_every_rule_is_tested() -> None:
    assert set(TEXTS) == {rule.count for rule in RULES}


@pytest.mark.parametrize("count", TEXTS)
def test_a_document_at_the_limit_is_kept(count: str) -> None:
    text, _, _ = TEXTS[count]
    limits: dict[str, Any] = {count: 3}

    shape = check_document(parse(text), replace(DocumentLimits(), **limits))

    assert getattr(shape, count) == 3


@pytest.mark.parametrize("count", TEXTS)
def test_a_document_above_the_limit_is_refused_with_both_numbers(count: str) -> None:
    text, code, words = TEXTS[count]
    limits: dict[str, Any] = {count: 2}

    with pytest.raises(RequestError) as refusal:
        check_document(parse(text), replace(DocumentLimits(), **limits))

    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert refusal.value.message.startswith(f"the document has {words}")
    assert refusal.value.message.endswith("; 2 are allowed")


def test_a_count_without_end_is_not_written_out() -> None:
    text = "{ ...F0 }" + "".join(f"fragment F{at} on T {{ ...F{at + 1} ...F{at + 1} }}" for at in range(90))

    with pytest.raises(RequestError, match="1,000,000,000 or more selections"):
        check_document(parse(f"{text} fragment F90 on T {{ }}"), DocumentLimits())


@pytest.mark.parametrize("text", [get_introspection_query(), *(one.text for one in OPERATIONS.values())])
def test_what_tools_and_storefronts_ask_keeps_the_default_limits(text: str) -> None:
    check_document(parse(text), DocumentLimits())


@pytest.mark.parametrize(
    "variables", [None, {}, {"a": 1, "b": "x" * 50, "c": None}, {"a": [1, 2]}, {"a": {"b": [[1, 2], [3, 4]]}}]
)
def test_variables_within_the_limit_are_kept(variables: dict[str, Any] | None) -> None:
    check_variables(variables, DocumentLimits(list_length=2))


@pytest.mark.parametrize("value", [[1, 2, 3], {"b": [1, 2, 3]}, [[1], [1, 2, 3]], [{"b": {"c": [1, 2, 3]}}]])
def test_a_list_among_the_variables_that_is_too_long_is_refused(value: Any) -> None:
    with pytest.raises(RequestError) as refusal:
        check_variables({"ok": [1], "ids": value}, DocumentLimits(list_length=2))

    assert str(refusal.value) == "400 LIST_TOO_LONG: the variable $ids has 3 elements in one list; 2 are allowed"
