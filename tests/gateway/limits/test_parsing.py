"""Texts that are too much to parse: what is said of each, and that nothing of it is worked off."""

from __future__ import annotations

import time

import pytest
from graphql import GraphQLSyntaxError

from gateway.endpoint.errors import RequestError
from gateway.limits.limits import DocumentLimits
from gateway.limits.parsing import parse_within

LIMITS = DocumentLimits(text_bytes=1_000, tokens=20)

REFUSED = {
    "bytes": ('{ a(b: "' + "x" * 1_000 + '") }', "DOCUMENT_TOO_LARGE", "1,012 bytes; 1,000"),
    "bytes of a text of fewer characters": (
        '{ a(b: "' + "é" * 600 + '") }',
        "DOCUMENT_TOO_LARGE",
        "1,212 bytes; 1,000",
    ),
    "tokens": ("{ " + "a " * 20 + "}", "TOO_MANY_TOKENS", "more than 20 tokens"),
    "tokens of values": ("{ a(b: [" + "1 " * 20 + "]) }", "TOO_MANY_TOKENS", "more than 20 tokens"),
    "comments": ("#\n" * 21 + "{ a }", "TOO_MANY_TOKENS", "more than 20 comments"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_text_of_too_much_is_refused_with_the_limit(name: str) -> None:
    text, code, words = REFUSED[name]

    with pytest.raises(RequestError) as refusal:
        parse_within(text, LIMITS)

    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert words in refusal.value.message


def test_as_many_tokens_as_are_allowed_are_parsed() -> None:
    document = parse_within("{ " + "a " * 18 + "}", LIMITS)

    assert len(document.definitions) == 1


def test_as_many_bytes_as_are_allowed_are_parsed() -> None:
    parse_within("{ a }" + " " * 995, LIMITS)

    with pytest.raises(RequestError, match="1,001 bytes; 1,000 bytes are allowed"):
        parse_within("{ a }" + " " * 996, LIMITS)


def test_what_is_no_graphql_stays_a_syntax_error() -> None:
    with pytest.raises(GraphQLSyntaxError, match="Expected Name"):
        parse_within("{ a", LIMITS)


NESTED = {
    "fields": "{a" * 500 + "}" * 500,
    "inline fragments": "{..." * 400 + "{ a }" + "}" * 400,
    "lists": "{ a(b: " + "[" * 900 + "]" * 900 + ") }",
    "objects": "{ a(b: " + "{c:" * 600 + "1" + "}" * 600 + ") }",
    "list types": "query($a: " + "[" * 900 + "Int" + "]" * 900 + ") { a }",
}


@pytest.mark.parametrize("name", NESTED)
def test_no_nesting_is_too_deep_for_a_clear_refusal(name: str) -> None:
    with pytest.raises(RequestError) as refusal:
        parse_within(NESTED[name], DocumentLimits())

    assert (refusal.value.status, refusal.value.code) == (400, "DOCUMENT_TOO_DEEP")


@pytest.mark.parametrize("text", ["{ " + "a " * 1_000_000 + "}", "#\n" * 1_000_000, "[" * 2_000_000])
def test_the_work_depends_on_the_limits_and_not_on_the_text(text: str) -> None:
    limits = DocumentLimits(text_bytes=10_000_000)
    began = time.process_time()

    with pytest.raises((RequestError, GraphQLSyntaxError)):
        parse_within(text, limits)

    assert time.process_time() - began < 0.5, "it takes about 8 ms; all of the text takes 10 s"
