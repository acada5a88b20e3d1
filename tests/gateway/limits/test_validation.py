"""Validation of the worst documents that the limits let through, and of those that they would not."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from graphql import build_schema, parse, specified_rules, validate

from gateway.endpoint.errors import RequestError
from gateway.limits.limits import DocumentLimits
from gateway.limits.parsing import parse_within
from gateway.limits.validation import rules_within, validate_within

SCHEMA = build_schema(
    """
    interface Node { id: ID! }
    type Section implements Node { id: ID! position: Int! children: [Section!]! }
    type Query { node(id: ID): Node section(id: ID): Section sections(ids: [ID!]): [Section] }
    """
)
LIMITS = DocumentLimits()

TOO_COMPLEX = {
    "one leaf again and again": "{ section { " + "id " * 1_900 + "} }",
    "one object again and again": "{ " + "a: section { id } " * 280 + "}",
    "nested objects of one name": "{ section { " + "children { children { children { id } } } " * 160 + "} }",
    "inline fragments": "{ section { " + "children { id ... on Section { id } } " * 150 + "} }",
    "fragments in pairs": "{ section { "
    + " ".join(f"...F{at}" for at in range(130))
    + " } } "
    + " ".join(f"fragment F{at} on Section {{ a: id b: id }}" for at in range(130)),
    "fragments that spread each other": "{ section { ...A ...B } } "
    "fragment A on Section { " + "children { ...B } " * 180 + "} "
    "fragment B on Section { " + "children { ...A } " * 180 + "}",
    "different arguments": "{ " + " ".join(f'a: section(id: "{at}") {{ id }}' for at in range(180)) + " }",
}
INVALID = {
    "duplicate variables": "query(" + "$a: Int " * 480 + ") { section { id } }",
    "unused variables": "query(" + " ".join(f"$a{at}: Int" for at in range(480)) + ") { section { id } }",
    "unknown fields": "{ " + " ".join(f"sectiom{at}" for at in range(1_900)) + " }",
    "unknown fragments": "{ " + " ".join(f"...X{at}" for at in range(990)) + " }",
    "unknown directives": "{ section { id " + " ".join(f"@x{at}" for at in range(980)) + "} }",
    "unused fragments": "{ section { id } } " + " ".join(f"fragment F{at} on Node {{ id }}" for at in range(280)),
    "fragments in cycles": "{ section { ...F0 } } "
    + " ".join(f"fragment F{at} on Section {{ " + " ".join(f"...F{to}" for to in range(20)) + " }" for at in range(40)),
    "duplicate arguments": "{ section(" + 'id: "1" ' * 600 + ") { id } }",
}


def seconds(text: str) -> float:
    """CPU seconds for parsing and validating a text, or for refusing it."""
    began = time.process_time()
    with suppress(RequestError):
        validate_within(SCHEMA, parse_within(text, LIMITS), LIMITS)
    return time.process_time() - began


@pytest.mark.parametrize("name", TOO_COMPLEX | INVALID)
def test_no_document_keeps_validation_busy(name: str) -> None:
    # The best of three: garbage of other tests may be collected meanwhile.
    taken = min(seconds((TOO_COMPLEX | INVALID)[name]) for _ in range(3))

    print(f"{name}: {taken * 1000:.1f} ms")  # noqa: T201 - the table that pytest -s shows
    assert taken < 0.25, "5 to 30 ms where nothing else runs"


@pytest.mark.parametrize("name", TOO_COMPLEX)
def test_a_document_of_too_many_comparisons_is_refused(name: str) -> None:
    with pytest.raises(RequestError) as refusal:
        validate_within(SCHEMA, parse(TOO_COMPLEX[name]), LIMITS)

    assert (refusal.value.status, refusal.value.code) == (400, "DOCUMENT_TOO_COMPLEX")
    assert refusal.value.message.endswith("20,000 are allowed")


def test_a_document_whose_fragments_nest_too_deep_is_refused() -> None:
    links = [f"fragment F{at} on Section {{ {'...{ ' * 20}...F{at + 1}{' }' * 20} }}" for at in range(12)]
    text = "{ section { ...F0 } } " + " ".join(links) + " fragment F12 on Section { id }"

    with pytest.raises(RequestError, match="its fragments nest too deep"):
        validate_within(SCHEMA, parse(text), LIMITS)


@pytest.mark.parametrize("name", INVALID)
def test_so_many_errors_are_reported_and_no_more(name: str) -> None:
    errors = validate_within(SCHEMA, parse(INVALID[name]), DocumentLimits(errors=3))

    assert 1 <= len(errors) <= 4, "the last one says that validation stopped"


def test_a_comparison_that_is_allowed_is_made() -> None:
    same = parse("{ section { a: id a: id } }")
    other = parse("{ section { a: id a: position } }")

    assert validate_within(SCHEMA, same, LIMITS) == []
    [error] = validate_within(SCHEMA, other, LIMITS)
    assert "conflict" in error.message


def test_the_rules_are_those_of_the_specification() -> None:
    """A document that graphql-core finds wrong is found wrong in the same words."""
    for text in ("{ nobody }", "query($a: Int) { section { id } }", "{ section { id { x } } }", "{ section }"):
        document = parse(text)

        ours = [error.message for error in validate_within(SCHEMA, document, LIMITS)]

        assert ours == [error.message for error in validate(SCHEMA, document, specified_rules)]


def test_the_rules_are_made_once() -> None:
    assert rules_within(7) is rules_within(7)
