"""Apollo's documented rules, as a table: operation -> seconds and scope."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse

from gateway.delivery.hints import CachePolicy, policy_of
from loaders.directives.cache_control import CacheControl, CacheControlScope

PRIVATE = CacheControlScope.PRIVATE


def kept(max_age: int | None = None, **parts: Any) -> list[object]:
    given: dict[str, Any] = {} if max_age is None else {"max_age": max_age}
    return [CacheControl(**given, **parts)]


@strawberry.type
class Comment:
    text: str


@strawberry.type
class User:
    name: str
    phone: str = strawberry.field(directives=kept(30, scope=PRIVATE))


@strawberry.type(directives=kept(240))
class Post:
    title: str
    votes: int = strawberry.field(directives=kept(30))
    comments: list[Comment]
    read_by_me: bool = strawberry.field(directives=kept(scope=PRIVATE))
    author: User = strawberry.field(directives=kept(inherit_max_age=True))
    editor: User = strawberry.field(directives=kept(inherit_max_age=True, scope=PRIVATE))


@strawberry.type
class Book:
    title: str
    cached_title: str = strawberry.field(directives=kept(30))


@strawberry.type
class CachedBook:
    title: str


@strawberry.interface(directives=kept(100))
class Work:
    name: str


@strawberry.type(directives=kept(20))
class Song(Work):
    length: int = strawberry.field(directives=kept(10))


@strawberry.type
class Film(Work):
    length: int


@strawberry.interface
class Thing:
    id: str


@strawberry.type(directives=kept(50))
class Lamp(Thing):
    watts: int


@strawberry.type(directives=kept(60, scope=PRIVATE))
class Letter:
    text: str


@strawberry.type(directives=kept(90))
class Poster:
    text: str


Paper = Annotated[Letter | Poster, strawberry.union("Paper", directives=kept(80))]


@strawberry.type
class Query:
    book: Book
    cached_book: CachedBook = strawberry.field(directives=kept(60))
    reader: User = strawberry.field(directives=kept(40))
    latest_post: Post = strawberry.field(directives=kept(10))
    post: Post
    again: Post = strawberry.field(directives=kept(inherit_max_age=True))
    unknown: Comment = strawberry.field(directives=kept(inherit_max_age=True))
    motto: str
    count: int = strawberry.field(directives=kept(70))
    never: int = strawberry.field(directives=kept(-5))
    work: Work
    works: list[Work] = strawberry.field(directives=kept(200))
    thing: Thing
    paper: Paper


SCHEMA = strawberry.Schema(Query, types=[Song, Film, Lamp])._schema


def policy(text: str, default: int = 0) -> CachePolicy:
    document = parse(text)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return policy_of(SCHEMA, document, operation, default_max_age_seconds=default)


DOCUMENTED = [
    # https://www.apollographql.com/docs/apollo-server/performance/caching#example-maxage-calculations
    ("{ book { cachedTitle } }", 0),
    ("{ cachedBook { title } }", 60),
    ("{ reader { name } }", 40),
    ("{ post { title } }", 240),
    ("{ post { title votes } }", 30),
    ("{ latestPost { title } }", 10),
    ("{ post { comments { text } } }", 0),
    ("{ post { author { name } } }", 240),
    ("{ again { title } }", 240),
]
OWN = [
    ("{ motto }", 0),
    ("{ count }", 70),
    ("{ count motto }", 0),
    ("{ never }", 0),
    ("{ unknown { text } }", 0),
    ("{ count cachedBook { title } post { votes } }", 30),
    ("{ __typename }", 0),
    ("{ count __typename __schema { types { name } } }", 70),
    ("query Q($yes: Boolean!) { count post @skip(if: $yes) { votes @include(if: $yes) } }", 30),
    ("{ count ...F } fragment F on Query { post { ...P } } fragment P on Post { votes }", 30),
    ("{ count ... { post { ... on Post { votes } } } }", 30),
    ("{ work { name } }", 20),
    ("{ works { name } }", 200),
    ("{ works { ... on Film { length } } }", 200),
    ("{ works { ... on Song { length } } }", 10),
    ("{ works { ... on Work { ... on Song { length } } } }", 10),
    ("{ thing { id } }", 0),
]


@pytest.mark.parametrize(("text", "seconds"), DOCUMENTED + OWN)
def test_the_shortest_hint_counts(text: str, seconds: int) -> None:
    assert policy(text) == CachePolicy(seconds, private=False)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("{ post { readByMe } }", 240),
        ("{ reader { phone } }", 30),
        ("{ post { editor { name } } }", 240),
        ("{ paper { __typename } }", 60),
    ],
)
def test_private_wins(text: str, seconds: int) -> None:
    assert policy(text) == CachePolicy(seconds, private=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("{ book { title } }", 60),
        ("{ book { cachedTitle } }", 30),
        ("{ motto }", 60),
        ("{ post { comments { text } } }", 60),
        ("{ post { title } }", 240),
        ("{ unknown { text } }", 60),
        ("{ thing { id } }", 60),
    ],
)
def test_what_has_no_hint_takes_the_default(text: str, seconds: int) -> None:
    assert policy(text, default=60) == CachePolicy(seconds)


def test_fragments_that_double_cost_no_more_than_their_length() -> None:
    spreads = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200))

    assert policy(f"{{ count ...F0 }} {spreads} fragment F200 on Query {{ post {{ votes }} }}") == CachePolicy(30)
