"""What is generated: valid operations, the same ones from the same seed, with everything that the language has."""

from __future__ import annotations

import asyncio
import re

import pytest
from graphql import parse, validate

from tests.equality.application import Application
from tests.equality.applications import APPLICATIONS
from tests.equality.generated import each, operations
from tests.equality.operation import Operation
from tests.equality.shrinking import shrunk
from tests.equality.stored import Page, Stored

FEATURES = {
    "alias": r"\w+: \w+[ ({]",
    "typename": r"__typename",
    "named fragment within a named fragment": r"fragment F\d+ on \w+ \{[^\n]*\.\.\.F\d+",
    "inline fragment without a type": r"\.\.\. (@\w+\(if: [^)]*\) )?\{",
    "inline fragment with a type": r"\.\.\. on \w+",
    "skip with a literal": r"@skip\(if: (true|false)\)",
    "include with a variable": r"@include\(if: \$",
    "skip and include": r"@skip\(if: [^)]*\) @include",
    "directive on a spread": r"\.\.\.F\d+ @",
    "directive on an inline fragment": r"\.\.\. on \w+ @",
    "default of a variable": r"\$v\d+: \[?\w+!?\]?!? = ",
    "literal null": r"\w+: null",
    "list of literals and variables": r"\[\$v\d+, \"",
    "single value for a list": r"ids: \"",
    "enum literal": r"channel: [A-Z]",
    "cursor": r"after: ",
    "page backwards": r"last: ",
    "several operations": r"query Other",
    "the same field twice": r"\b(\w+) \{[^{}]*\} \1 \{",
    "an argument of its own under each alias": r"(\w+)\([^()]*\).*\w+: \1\(",
}


def generated(store: str, name: str, count: int) -> tuple[Application, list[Operation]]:
    application = APPLICATIONS[name]()
    stored = application.fill()
    pages = {"Query.locations": [Page({}, ["x"])], "Query.search": [Page({"text": "suppe"}, ["y", "z"])]}
    found: list[Operation] = []
    each(operations(application, Stored(stored.values, pages)), count, 0, found.append)
    return application, found


@pytest.mark.parametrize("name", APPLICATIONS)
def test_operations_are_valid(store: str, name: str) -> None:
    application, found = generated(store, name, 60)

    wrong = {
        str(operation): errors
        for operation in found
        if (errors := validate(application.schema._schema, parse(operation.document)))
    }

    assert not wrong
    assert len({operation.document for operation in found}) == 60


def test_a_seed_gives_the_same_operations(store: str) -> None:
    application = APPLICATIONS["shipped"]()
    stored = Stored({"ID": ["a"], "Query.location.slug": ["corner"], "Query.search.text": ["suppe"]})
    found: list[Operation] = []

    for seed in (7, 7, 8):
        each(operations(application, stored), 10, seed, found.append)

    assert found[:10] == found[10:20]
    assert found[:10] != found[20:]


def test_operations_have_everything_that_the_language_has(store: str) -> None:
    _, found = generated(store, "shipped", 400)

    missing = [
        name
        for name, pattern in FEATURES.items()
        if not any(re.search(pattern, operation.document) for operation in found)
    ]

    assert missing == []
    given = [value for operation in found for value in operation.variables.values()]
    assert {type(value) for value in given} == {bool, int, list, str, type(None)}


def test_an_operation_shrinks_to_what_shows_the_difference(store: str) -> None:
    application, found = generated(store, "shipped", 60)
    operation = next(one for one in found if "perUnit" in one.document)

    async def differs(smaller: Operation) -> bool:
        return "perUnit" in smaller.document

    small = asyncio.run(shrunk(application.schema._schema, operation, differs))

    assert len(re.findall(r"[a-zA-Z]+", small.document)) < 20
    assert not validate(application.schema._schema, parse(small.document))
