"""Which registered operations another schema concerns: exactly those."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from graphql import build_schema, parse

from persisted_queries.checking import check
from persisted_queries.deployments import publish, push
from persisted_queries.schema_changes import changes, touches
from persisted_queries.uses import uses_of
from tests.persisted_queries.pushes import ITEM, LISTED, SCHEMA, SDL, STATES, apollo, mapped

Connection = psycopg.AsyncConnection[Any]

CHANNELS = "query Channels($c: Channel) { item(id: 1, channel: $c) { id } }"
PICKED = "query Picked { item(id: 1, channel: PICKUP) { id } }"
FILTERED = "query Filtered($f: Filter) { items(filter: $f) { id } }"
ASKED = "query Asked($n: Int!) { items(first: $n) { id } }"
PAGED = "query Paged($n: Int) { items(first: $n) { id } }"
ALL = "query All { items { id } }"
PRICES = "query Prices { items { price } }"
STUDENTS = 'query Students { items { price(audience: "STUDENTS") } }'
FOUND = "query Found { found { ... on Priced { price } ...M } } fragment M on Menu { title }"
EVERY = (ITEM, LISTED, STATES, CHANNELS, PICKED, FILTERED, PAGED, ASKED, ALL, PRICES, STUDENTS, FOUND)


async def deploy(connection: Connection, client: str, version: str, *texts: str) -> None:
    await push(connection, apollo(*texts), client, version, SCHEMA)
    await publish(connection, client, version, replace=False)


def changed(*replacements: tuple[str, str]) -> str:
    """The SDL with parts replaced, each at every place."""
    sdl = SDL
    for old, new in replacements:
        assert old in sdl
        sdl = sdl.replace(old, new)
    return sdl


@pytest.mark.parametrize(
    ("replacement", "breaking", "dangerous"),
    [
        ((" name: String!", ""), ["Item"], []),
        (("title: String", "name: String"), ["Found"], []),
        (("state: State!", "state(at: String!): State!"), ["States"], []),
        (("first: Int,", "first: Int!,"), ["All", "Filtered", "Paged", "States", "Prices", "Students"], []),
        (("first: Int,", "first: Int! = 5,"), ["Paged"], []),
        (("first: Int, ", ""), ["Listed", "Paged", "Asked"], []),
        (("first: Int,", "first: String,"), ["Listed", "Paged", "Asked"], []),
        (("name: String!", "name: String"), ["Item"], []),
        (("name: String!", "name: Int!"), ["Item"], []),
        (("enum Channel { DELIVERY PICKUP }", "enum Channel { DELIVERY }"), ["Channels", "Picked", "Filtered"], []),
        (("enum Channel { DELIVERY PICKUP }", "enum Channel { PICKUP }"), ["Channels", "Filtered"], []),
        (("input Filter { text: String,", "input Filter { text: String!,"), ["Filtered"], []),
        (("input Filter { text: String,", "input Filter {"), ["Filtered"], []),
        (("input Filter {", "input Filter { more: Int!"), ["Filtered"], []),
        (("enum State { AVAILABLE SOLD_OUT }", "scalar State"), ["States"], []),
        (("enum State { AVAILABLE SOLD_OUT }", "enum State { AVAILABLE }"), [], []),
        (("union Found = Item | Menu", "union Found = Item"), ["Found"], []),
        (("input Filter {", "input Filter { more: Int"), [], ["Filtered"]),
        (("enum State {", "enum State { HIDDEN"), [], ["States"]),
        (("enum Channel {", "enum Channel { DINE_IN"), [], []),
        (("union Found = Item", "type New { id: ID } union Found = New | Item"), [], ["Found"]),
        (('= "GUESTS"', '= "STAFF"'), [], ["Prices", "Found"]),
        (
            ('name: String! price(audience: String = "GUESTS")', "name: String! price(audience: String)"),
            [],
            ["Prices", "Found"],
        ),
        (("state: State!", "state(at: String): State!"), [], ["States"]),
        (("state: State!", "state: State! colour: String"), [], []),
        (("item(id: ID!", '"""About."""item(id: ID!'), [], []),
    ],
)
async def test_a_change_names_exactly_the_operations_concerned(
    connection: Connection, replacement: tuple[str, str], breaking: list[str], dangerous: list[str]
) -> None:
    await deploy(connection, "web", "1", *EVERY)

    report = await check(connection, SCHEMA, build_schema(changed(replacement)))

    names = {flag: {c.verdict.operation_name for c in report.told if c.breaks is flag} for flag in (True, False)}
    assert names == {True: set(breaking), False: set(dangerous)}
    assert report.operations == len(EVERY)


async def test_lines_name_client_version_and_operation(connection: Connection) -> None:
    await deploy(connection, "web", "1.4.2", ITEM, LISTED)
    await deploy(connection, "web", "1.5.0", ITEM, STATES)
    await deploy(connection, "ios", "7", STATES, LISTED)
    await push(connection, apollo(ITEM, CHANNELS), "web", "1.6.0", SCHEMA)
    new = build_schema(changed((" name: String!", ""), ("enum State {", "enum State { HIDDEN")))

    report = await check(connection, SCHEMA, new)

    assert [str(concern) for concern in report.told] == [
        "ios 7 States in danger: Enum value State.HIDDEN was added.",
        "web 1.4.2 Item breaks: Cannot query field 'name' on type 'Item'. (line 1, column 40)",
        "web 1.5.0 Item breaks: Cannot query field 'name' on type 'Item'. (line 1, column 40)",
        "web 1.5.0 States in danger: Enum value State.HIDDEN was added.",
    ]
    assert report.operations == 6


async def test_a_schema_that_changes_nothing_concerns_nobody(connection: Connection) -> None:
    await deploy(connection, "web", "1", *EVERY)

    report = await check(connection, SCHEMA, build_schema(SDL))

    assert (report.concerns, report.changes) == ((), ())


async def test_only_the_operation_concerned_of_a_document_with_several(connection: Connection) -> None:
    both = "query A { items { ...F } } query B { items { id } } fragment F on Item { name }"
    await push(connection, mapped({"both": both, "none": "{ items { name } }"}), "web", "1", SCHEMA)
    await publish(connection, "web", "1")

    report = await check(connection, SCHEMA, build_schema(changed((" name: String!", ""))))

    assert [concern.label for concern in report.broken] == ["none", "A"]
    assert report.operations == 3


async def test_what_was_broken_before_is_told_too(connection: Connection) -> None:
    await deploy(connection, "web", "1", ITEM)
    without_names = build_schema(changed((" name: String!", "")))

    report = await check(connection, without_names, without_names)

    assert [concern.label for concern in report.broken] == ["Item"]


async def test_a_change_knows_its_users(connection: Connection) -> None:
    await deploy(connection, "web", "1", *EVERY)
    new = build_schema(
        changed(("enum Channel { DELIVERY PICKUP }", "enum Channel { DELIVERY }"), ("title: String", ""))
    )

    report = await check(connection, SCHEMA, new)

    users = {change.subject: [concern.label for concern in report.users(change)] for change in report.changes}
    assert users == {"Channel.PICKUP": ["Channels", "Filtered", "Picked"], "Menu.title": ["Found"]}


def test_changes_come_by_severity_with_what_they_are_about() -> None:
    new = build_schema(changed((" name: String!", " label: String!"), ("enum State {", "enum State { HIDDEN")))

    assert [(change.severity, change.kind, change.subject) for change in changes(SCHEMA, new)] == [
        ("breaking", "FIELD_REMOVED", "Item.name"),
        ("dangerous", "VALUE_ADDED_TO_ENUM", "State.HIDDEN"),
        ("safe", "FIELD_ADDED", "Item.label"),
    ]


def test_every_breaking_and_dangerous_change_says_what_it_is_about() -> None:
    old = """
    directive @d(a: Int, b: Int = 1) repeatable on FIELD | QUERY
    type Query { a(x: Int = 1, y: Int, z: Int, f: F): A u: U e: E n: N s: S k: K }
    type A implements N { id: ID a: Int b: Int }
    type B { b: Int }
    union U = A | B
    enum E { ONE TWO }
    interface N { id: ID }
    interface M { id: ID }
    interface K { id: ID }
    scalar S
    input F { a: Int = 1 b: Int }
    """
    new = """
    directive @d(a: Int!, b: Int = 2, c: Int!) on QUERY
    type Query { a(x: Int = 2, y: String, v: Int!, w: Int, f: F): A u: U e: E n: N s: S k: K }
    type A implements K { id: ID a: String }
    type C { b: Int }
    union U = A | C
    enum E { ONE THREE }
    interface N { id: ID }
    interface K { id: ID }
    enum S { X }
    input F { a: Int = 2 b: Int c: Int! d: Int }
    """
    found = [change for change in changes(build_schema(old), build_schema(new)) if change.severity != "safe"]

    assert {change.kind: change.subject for change in found} == {
        "ARG_CHANGED_KIND": "@d",
        "ARG_DEFAULT_VALUE_CHANGE": "@d",
        "ARG_REMOVED": "Query.a(z:)",
        "DIRECTIVE_LOCATION_REMOVED": "@d",
        "DIRECTIVE_REPEATABLE_REMOVED": "@d",
        "FIELD_CHANGED_KIND": "A.a",
        "FIELD_REMOVED": "A.b",
        "IMPLEMENTED_INTERFACE_ADDED": "K",
        "IMPLEMENTED_INTERFACE_REMOVED": "N",
        "INPUT_FIELD_DEFAULT_VALUE_CHANGE": "F.a",
        "OPTIONAL_ARG_ADDED": "Query.a(w:)",
        "OPTIONAL_INPUT_FIELD_ADDED": "F.d",
        "REQUIRED_ARG_ADDED": "Query.a(v:)",
        "REQUIRED_DIRECTIVE_ARG_ADDED": "@d",
        "REQUIRED_INPUT_FIELD_ADDED": "F.c",
        "TYPE_ADDED_TO_UNION": "U",
        "TYPE_CHANGED_KIND": "S",
        "TYPE_REMOVED": "M",
        "TYPE_REMOVED_FROM_UNION": "U",
        "VALUE_ADDED_TO_ENUM": "E.THREE",
        "VALUE_REMOVED_FROM_ENUM": "E.TWO",
    }
    uses = uses_of(parse("query Q($f: F) { s @d a(f: $f) { b } u { __typename } }"), build_schema(old))
    assert {change.description for change in found if touches(change, uses)} >= {
        "S changed from a Scalar type to an Enum type.",
        "Field A.b was removed.",
        "A required field F.c was added.",
        "B was removed from union type U.",
        "FIELD was removed from @d.",
    }
