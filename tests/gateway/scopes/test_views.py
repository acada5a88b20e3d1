"""The schema as its viewers see it: what it shows can be executed, what it hides is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import strawberry
from graphql import GraphQLSchema, get_named_type, is_interface_type, is_object_type, is_union_type, validate_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.endpoint.errors import RequestError
from gateway.scopes.required import check
from gateway.scopes.views import VIEWS, SchemaViews
from loaders.directives.requires_scopes import requires_scopes
from loaders.viewer import ANONYMOUS, Viewer
from tests.gateway.scopes.schemas import POLICY, SCHEMA, SCOPES, required

FULL = Viewer("all", POLICY.relevant)


def viewer(*scopes: str) -> Viewer:
    return Viewer("me", frozenset(scopes))


def core(who: Viewer) -> GraphQLSchema:
    return SchemaViews(SCHEMA).of(who)._schema


def coordinates(schema: GraphQLSchema) -> set[str]:
    """Every type, field and argument that can be reached from the root."""
    found: set[str] = set()
    waiting = [schema.query_type]
    while waiting:
        kind = waiting.pop()
        if kind is None or kind.name in found:
            continue
        found.add(kind.name)
        if is_object_type(kind) or is_interface_type(kind):
            waiting += kind.interfaces
            for name, field in kind.fields.items():
                found.add(f"{kind.name}.{name}")
                found |= {f"{kind.name}.{name}({argument}:)" for argument in field.args}
                waiting += [get_named_type(field.type), *(get_named_type(arg.type) for arg in field.args.values())]
        if is_interface_type(kind) or is_union_type(kind):
            waiting += schema.get_possible_types(kind)
    return found


def selections(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """(coordinate, a document that selects it and as little else as possible), for every way to every field."""
    ways: dict[str, str] = {"Query": "%s"}
    waiting = ["Query"]
    while waiting:
        name = waiting.pop(0)
        kind = schema.type_map[name]
        if is_interface_type(kind) or is_union_type(kind):
            below = [
                (possible.name, ways[name] % f"... on {possible.name} {{ %s }}")
                for possible in schema.get_possible_types(kind)
            ]
        else:
            below = []
        for field_name, field in getattr(kind, "fields", {}).items():
            text = f"{field_name}(grade: GOOD)" if field_name == "mustGrade" else field_name
            returned = get_named_type(field.type)
            composite = is_object_type(returned) or is_interface_type(returned) or is_union_type(returned)
            whole = f"{text} {{ __typename }}" if composite else text
            yield f"{name}.{field_name}", "{ " + ways[name] % whole + " }"
            if composite:
                below.append((returned.name, ways[name] % f"{text} {{ %s }}"))
        for found, way in below:
            if found not in ways:
                ways[found] = way
                waiting.append(found)


ALL = dict(selections(SCHEMA._schema))


def open_to(document: str, who: Viewer) -> bool:
    try:
        check(required(document), who)
    except RequestError:
        return False
    return True


@given(st.sets(st.sampled_from(SCOPES)))
@settings(max_examples=300, deadline=None)
def test_what_is_shown_is_open_and_what_is_hidden_is_refused(scopes: set[str]) -> None:
    who = viewer(*scopes)
    shown = coordinates(core(who))

    for coordinate, document in ALL.items():
        assert coordinate in shown or not open_to(document, who), (coordinate, document)
    for coordinate, document in selections(core(who)):
        assert open_to(document, who), (coordinate, document)


@given(st.sets(st.sampled_from(SCOPES)))
@settings(max_examples=100, deadline=None)
async def test_every_view_is_a_valid_schema_whose_fields_execute(scopes: set[str]) -> None:
    view = SchemaViews(SCHEMA).of(viewer(*scopes))

    assert validate_schema(view._schema) == []
    for coordinate, document in selections(view._schema):
        result = await view.execute(document)
        assert not result.errors, (coordinate, document, result.errors)


def test_every_field_of_the_schema_is_tried() -> None:
    everything = {found for found in coordinates(SCHEMA._schema) if "." in found and "(" not in found}

    assert set(ALL) == everything - {"Filter.grade", "Filter.text"}


def test_who_may_see_everything_sees_the_schema_itself() -> None:
    assert SchemaViews(SCHEMA).of(FULL) is SCHEMA
    assert SchemaViews(SCHEMA).of(viewer(*POLICY.relevant, "something:else")) is SCHEMA


def test_the_anonymous_see_what_needs_nothing() -> None:
    assert coordinates(core(ANONYMOUS)) == {
        "Query",
        "Query.open",
        "Query.named",
        "Query.things",
        "Query.graded",
        "Query.graded(text:)",
        "Query.filtered",
        "Named",
        "Named.name",
        "Shop",
        "Shop.name",
        "Cart",
        "Cart.name",
        "Cart.wheels",
        "Thing",
        "String",
        "Int",
    }


async def names(who: Viewer) -> set[str]:
    result = await SchemaViews(SCHEMA).of(who).execute("{ __schema { types { name } } }")
    assert not result.errors
    assert result.data is not None
    return {found["name"] for found in result.data["__schema"]["types"] if not found["name"].startswith("__")}


async def test_what_only_hidden_fields_lead_to_is_hidden() -> None:
    assert not {"Vault", "Key"} & await names(viewer("chain"))
    assert {"Vault", "Key"} <= await names(viewer("vault"))


async def test_nothing_of_a_hidden_type_is_left_anywhere() -> None:
    assert not {"Grade", "Filter", "Iban", "Entry", "Sale", "Guarded"} & await names(ANONYMOUS)
    assert {"Entry", "Sale"} <= await names(viewer("ledger"))


async def test_a_type_by_name_is_null_where_it_is_hidden() -> None:
    ask = '{ __type(name: "Vault") { name } }'

    assert (await SchemaViews(SCHEMA).of(ANONYMOUS).execute(ask)).data == {"__type": None}
    assert (await SchemaViews(SCHEMA).of(viewer("vault")).execute(ask)).data == {"__type": {"name": "Vault"}}


async def test_hidden_names_are_not_suggested() -> None:
    ask = "{ vualt { gold } }"
    unknown = "Cannot query field 'vualt' on type 'Query'."

    [hidden] = (await SchemaViews(SCHEMA).of(ANONYMOUS).execute(ask)).errors or []
    [shown] = (await SchemaViews(SCHEMA).of(viewer("vault")).execute(ask)).errors or []

    assert hidden.message == unknown
    assert shown.message == f"{unknown} Did you mean 'vault'?"


def test_viewers_who_differ_in_scopes_that_do_not_matter_share_a_view() -> None:
    views = SchemaViews(SCHEMA)

    assert views.of(viewer("kind", "a")) is views.of(viewer("kind", "b"))
    assert views.of(viewer("kind")) is not views.of(viewer("shop"))


def test_views_are_bounded() -> None:
    views = SchemaViews(SCHEMA)
    for number in range(2**7):
        views.of(viewer(*(scope for place, scope in enumerate(SCOPES[:7]) if number >> place & 1)))

    assert len(views._views) == VIEWS


@strawberry.type
class Closed:
    secret: int = strawberry.field(default=1, directives=[requires_scopes("everything")])


def test_of_a_schema_that_is_closed_to_them_viewers_see_nothing() -> None:
    views = SchemaViews(strawberry.Schema(query=Closed))

    with pytest.raises(RequestError) as caught:
        views.of(viewer("other"))

    assert (caught.value.status, caught.value.message) == (403, "Closed needs the scope everything")
