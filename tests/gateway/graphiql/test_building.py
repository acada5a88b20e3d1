"""GraphiQL of a schema with scopes: the page is for everybody, so it names what everybody may see."""

from __future__ import annotations

import strawberry

from gateway.config import read_config
from gateway.graphiql.building import build_graphiql
from gateway.scopes.views import SchemaViews
from loaders.directives.requires_scopes import requires_scopes


@strawberry.type
class Row:
    name: str
    margin: int = strawberry.field(default=1, directives=[requires_scopes("prices:internal")])


def nothing() -> list[Row]:
    return []


@strawberry.type
class Query:
    secrets: list[Row] = strawberry.field(resolver=nothing, directives=[requires_scopes("prices:internal")])

    @strawberry.field
    def rows(self) -> list[Row]:
        return []


@strawberry.type(name="Query", directives=[requires_scopes("staff")])
class Closed:
    @strawberry.field
    def rows(self) -> list[Row]:
        return []


def page_for(query: type) -> bytes:
    app = build_graphiql(read_config(), SchemaViews(strawberry.Schema(query)))
    assert app is not None
    return app.page


def test_examples_name_nothing_that_needs_a_scope() -> None:
    page = page_for(Query)

    assert b"query Rows {\\n  rows {\\n    name\\n  }\\n}" in page
    assert b"secret" not in page
    assert b"margin" not in page


def test_a_schema_that_shows_nobody_anything_has_no_examples() -> None:
    assert b'"examples":[]' in page_for(Closed)
