"""What operations need of their viewers, and the refusal of those who lack it."""

from __future__ import annotations

import pytest
import strawberry
from graphql import GraphQLError, parse, validate

from gateway.endpoint.errors import RequestError
from gateway.scopes.policy import ScopePolicy
from gateway.scopes.required import check
from loaders.directives.requires_scopes import requires_scopes
from loaders.errors import DeclarationError
from loaders.viewer import ANONYMOUS, Viewer
from tests.gateway.scopes.schemas import SCHEMA, needs, required


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ open __typename }", {}),
        ('{ __schema { types { name } } __type(name: "Vault") { name } }', {}),
        ("{ shop { name } }", {"Query.shop": "chain"}),
        (
            "{ shop { turnover } }",
            {"Query.shop": "chain", "Shop.turnover": "money, or audit and staff"},
        ),
        ("{ named { name } }", {}),
        ("{ named { kind } }", {"Named.kind": "kind and shop"}),
        ("{ named { ... on Cart { kind } } }", {"Cart.kind": "kind"}),
        ("{ things { __typename } }", {}),
        ("{ things { ... on Cart { wheels } } }", {}),
        ("{ things { ... on Vault { gold } } }", {"Vault": "vault"}),
        ("{ things { ... on Vault { __typename } } }", {"Vault": "vault"}),
        ("{ entries { __typename } }", {"Query.entries": "ledger"}),
        ("{ vault { gold } }", {"Query.vault": "vault"}),
        ("{ guarded { __typename } }", {"Query.guarded": "left, or right"}),
        ("{ account }", {"Query.account": "iban"}),
        ("{ graded }", {}),
        ('{ graded(text: "x") }', {}),
        ("{ graded(grade: GOOD) }", {"Query.graded(grade:)": "grade"}),
        ("{ mustGrade(grade: GOOD) }", {"Query.mustGrade": "grade", "Query.mustGrade(grade:)": "grade"}),
        ('{ filtered(by: {text: "x"}) }', {"Query.filtered(by:)": "grade"}),
        ("query ($by: Filter) { filtered(by: $by) }", {"$by: Filter": "grade", "Query.filtered(by:)": "grade"}),
        (
            "query ($grade: Grade) { graded(grade: $grade) }",
            {"$grade: Grade": "grade", "Query.graded(grade:)": "grade"},
        ),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { vault { gold } }", {"Query.vault": "vault"}),
        ("{ ... { vault { gold } } }", {"Query.vault": "vault"}),
        ("query ($if: Boolean!) { vault @include(if: $if) { gold } }", {"Query.vault": "vault"}),
        ("{ open vault @skip(if: true) { gold } }", {}),
        ("{ open ... @include(if: false) { vault { gold } } }", {}),
        ("{ open vault @skip(if: false) { gold } }", {"Query.vault": "vault"}),
    ],
)
def test_an_operation_needs_what_its_fields_and_types_need(document: str, expected: dict[str, str]) -> None:
    assert validate(SCHEMA._schema, parse(document)) == list[GraphQLError]()

    assert needs(document) == expected


def test_fragments_that_spread_each_other_twice_are_read_once() -> None:
    levels = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200)]
    document = " ".join(["{ ...F0 }", *levels, "fragment F200 on Query { vault { gold } }"])

    assert needs(document) == {"Query.vault": "vault"}


def refused(document: str, viewer: Viewer) -> RequestError:
    with pytest.raises(RequestError) as caught:
        check(required(document), viewer)
    return caught.value


def test_the_anonymous_are_asked_who_they_are() -> None:
    error = refused("{ shop { turnover } }", ANONYMOUS)

    assert (error.status, error.code, error.message) == (401, "UNAUTHENTICATED", "Query.shop needs the scope chain")
    assert (b"www-authenticate", b'Bearer realm="larder"') in error.headers


def test_who_lacks_a_scope_is_told_where_and_which() -> None:
    error = refused("{ shop { turnover } }", Viewer("me", frozenset({"chain", "audit"})))

    assert (error.status, error.code) == (403, "FORBIDDEN")
    assert error.message == "Shop.turnover needs the scope money, or audit and staff"
    assert (
        b"www-authenticate",
        b'Bearer realm="larder", error="insufficient_scope", scope="money"',
    ) in error.headers


@pytest.mark.parametrize("scopes", [{"chain", "money"}, {"chain", "audit", "staff"}])
def test_who_has_one_alternative_passes(scopes: set[str]) -> None:
    check(required("{ shop { turnover } }"), Viewer("me", frozenset(scopes)))


@pytest.mark.parametrize("alternatives", [(), ([],), ("",), (["a", " "],)])
def test_a_directive_without_a_scope_is_refused(alternatives: tuple[str | list[str], ...]) -> None:
    with pytest.raises(DeclarationError, match="needs lists of at least one scope each, not"):
        requires_scopes(*alternatives)


@strawberry.input
class Patch:
    text: str = strawberry.field(default="", directives=[requires_scopes("a")])


@strawberry.type
class Patched:
    @strawberry.field
    def patched(self, by: Patch | None = None) -> str:
        return ""


def test_a_directive_where_nothing_heeds_it_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"@requiresScopes has no effect on Patch\.text: put it on its type"):
        ScopePolicy(strawberry.Schema(query=Patched)._schema)


def test_the_directive_is_printed_as_apollo_has_it() -> None:
    sdl = SCHEMA.as_str()

    assert (
        "directive @requiresScopes(scopes: [[String!]!]!) on ENUM | FIELD_DEFINITION | INTERFACE | OBJECT | SCALAR"
        in sdl
    )
    assert 'turnover: Int! @requiresScopes(scopes: [["money"], ["audit", "staff"]])' in sdl
