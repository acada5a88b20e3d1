"""Who may ask for the schema, and what those who may not are not told."""

from __future__ import annotations

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, build_schema, parse, validate
from graphql.execution import execute_sync

from gateway.endpoint.errors import RequestError
from gateway.scopes.access import allowed, is_access
from gateway.scopes.introspection import check_introspection, introspected
from gateway.scopes.suggestions import without_suggestions
from loaders.viewer import ANONYMOUS, Viewer
from tests.gateway.scopes.schemas import SCHEMA

READER = Viewer("me", frozenset({"introspect"}))


def asked(document: str) -> tuple[str, ...]:
    definitions = parse(document).definitions
    fragments = {found.name.value: found for found in definitions if isinstance(found, FragmentDefinitionNode)}
    operation = next(found for found in definitions if isinstance(found, OperationDefinitionNode))
    return introspected(SCHEMA._schema, operation, fragments)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ open __typename named { __typename } }", ()),
        ('{ __schema: open __type: graded(text: "__schema") }', ()),
        ("{ x: __schema { types { name } } }", ("__schema",)),
        (
            '{ ...A } fragment A on Query { ... { __type(name: "A") { name } __schema { description } } }',
            ("__type", "__schema"),
        ),
        ("query ($if: Boolean!) { __schema @include(if: $if) { description } }", ("__schema",)),
    ],
)
def test_introspection_is_found_on_the_document(document: str, expected: tuple[str, ...]) -> None:
    assert asked(document) == expected


@pytest.mark.parametrize(
    ("setting", "viewer", "refusal"),
    [
        ("on", ANONYMOUS, None),
        ("off", READER, (403, "INTROSPECTION_OFF", "introspection is off: __schema is not answered")),
        ("scope:introspect", READER, None),
        ("scope:introspect", ANONYMOUS, (401, "UNAUTHENTICATED", "Query.__schema needs the scope introspect")),
        ("scope:introspect", Viewer("you"), (403, "FORBIDDEN", "Query.__schema needs the scope introspect")),
    ],
)
def test_the_setting_decides(setting: str, viewer: Viewer, refusal: tuple[int, str, str] | None) -> None:
    check_introspection(setting, (), viewer)
    if refusal is None:
        check_introspection(setting, ("__schema",), viewer)
        return
    with pytest.raises(RequestError) as caught:
        check_introspection(setting, ("__schema",), viewer)
    assert (caught.value.status, caught.value.code, caught.value.message) == refusal


@pytest.mark.parametrize("setting", ["", "On", "true", "introspect", "scope:", "scope: "])
def test_what_is_neither_of_three_opens_nothing(setting: str) -> None:
    assert not is_access(setting)
    assert (
        not allowed(setting, Viewer("me", frozenset({"", " "})) if setting != "scope: " else ANONYMOUS)
        or setting == "scope:"
    )


def plain(message: str) -> str:
    """Without suggestions, and punctuated as graphql-core punctuates a message that has none."""
    return without_suggestions(message).replace(". Found:", ", found:")


NAMES = build_schema(
    """
    enum Colour { CRIMSON SCARLET VERMILION }
    input Paint { colour: Colour thick: Int }
    interface Wall { colour: Colour }
    type Brick implements Wall { colour: Colour porous: Int }
    type Stone implements Wall { colour: Colour porous: Int }
    directive @polish(much: Int) on FIELD
    type Query { wall(paint: Paint, colour: Colour): Wall walls: [Wall] }
    """
)


@pytest.mark.parametrize(
    "document",
    [
        "{ wal { colour } }",
        "{ wall { porous } }",
        "{ wall { colr } }",
        "{ wall(pain: {}) { colour } }",
        "{ wall(colour: CRIMSN) { colour } }",
        '{ wall(colour: "CRIMSON") { colour } }',
        "{ wall(paint: {colur: CRIMSON}) { colour } }",
        "{ wall { ... on Brik { porous } } }",
        "query ($paint: Pain) { wall(paint: $paint) { colour } }",
        "{ wall @polish(mch: 1) { colour } }",
    ],
)
def test_no_suggestion_of_any_rule_is_left(document: str) -> None:
    messages = [error.message for error in validate(NAMES, parse(document))]
    hidden = [error.message for error in validate(NAMES, parse(document), hide_suggestions=True)]

    assert any("Did you mean" in message for message in messages)
    assert [plain(message) for message in messages] == hidden


@pytest.mark.parametrize("paint", [{"colur": "CRIMSON"}, {"colour": "CRIMSN"}])
def test_no_suggestion_for_a_variable_is_left(paint: dict[str, str]) -> None:
    document = parse("query ($paint: Paint) { wall(paint: $paint) { colour } }")
    [error] = execute_sync(NAMES, document, variable_values={"paint": paint}).errors or []
    [hidden] = execute_sync(NAMES, document, variable_values={"paint": paint}, hide_suggestions=True).errors or []

    assert "Did you mean" in error.message
    assert plain(error.message) == hidden.message
