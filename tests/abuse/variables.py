"""Variables that do not fit, and values that nothing can be made of."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from tests.abuse.cases import Bad, request, texts

ID = base64.urlsafe_b64encode(b"Item:00000000-0000-0000-0000-000000000000").decode()
INSIDE = (b"Item:1", b"Item:\xff", b"Nothing:1", b"Item:1_0", b":", b"\0")
IDS = [
    "",
    "1",
    "1_0",
    "\u0661",
    "-1",
    "a",
    "Item",
    "Item:",
    ":",
    "Item:1",
    "\0",
    "é",
    "9" * 5_000,
    ID[:-1],
    ID + "=",
    ID * 2,
]
IDS += [base64.urlsafe_b64encode(text).decode() for text in INSIDE]
TEXTS = ["", " ", "\0", "a\0b", "%", "\\", "'", "🍽" * 9_000, "a" * 50_000, "a " * 9_000, "a\u0300" * 5_000, "\u202e"]
KINDS: list[object] = [None, 1, 1.5, True, [], ["a"], {}, {"a": 1}]
CURSORS = ["", "a", "\0", "W10=", "e30=", "bnVsbA==", "WzEsMl0=", "////", "=" * 100, "A" * 9_000, "é"]
DATES = ["", "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "infinity", "now", "2026-01-01T00:00:00Z", "\0"]
NUMBERS: list[object] = [0, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**63, 2**64, 10**30, 1e300, 0.5, "1", "1_0", "\u0661"]
LITERALS = ["1e400", "-1e400", "1e-400", "0x10", "1_0", "00", "-", "1.", ".5", "1e", "Infinity", "NaN"]
DIGITS = (19, 30, 309, 4_300, 5_000)
PAGES = ["first: 1, last: 1", "first: -1", "first: 0", "first: 2147483647", "last: 1, after: null", 'first: "1"']

PAGE = "query ($v: Int) { locations(first: $v) { nodes { id } } }"
MEANINGS: dict[str, tuple[str, list[object]]] = {
    "slug": ("query ($v: String!) { location(slug: $v) { id } }", [*TEXTS, *KINDS]),
    "search": (
        "query ($v: String!) { search(text: $v, first: 5) { totalCount nodes { id } } }",
        [*TEXTS, "' & | ! ( ) : *"],
    ),
    "language": (
        'query ($v: LanguageCode) { search(text: "a") { nodes { name(language: $v) } } }',
        [*TEXTS, *KINDS, "de-"],
    ),
    "date": ('query ($v: Date) { location(slug: "place-0") { menus(from: $v) { id } } }', [*DATES, *KINDS]),
    "channel": ('query ($v: Channel) { location(slug: "place-0") { menus(channel: $v) { id } } }', [*TEXTS, *KINDS]),
    "page": (PAGE, [*NUMBERS, *KINDS]),
    "node": ("query ($v: ID!) { node(id: $v) { id } }", [*IDS, *KINDS]),
    "nodes": ("query ($v: [ID!]!) { nodes(ids: $v) { id } }", [*IDS, *KINDS, [[]], [None], [1, "1"]]),
    "items": ("query ($v: [ID!]!) { items(ids: $v) { id } }", [*IDS, [ID, ID]]),
    "menu": ("query ($v: ID!) { menu(id: $v) { id } }", [*IDS]),
    "cursor": ("query ($v: String) { locations(first: 1, after: $v) { nodes { id } } }", [*CURSORS, *KINDS]),
    "cursor back": ('query ($v: String) { search(text: "a", last: 1, before: $v) { nodes { id } } }', [*CURSORS]),
}
"""By name: an operation, and what is given to it in place of its variable."""


def values() -> Iterator[Bad]:
    for name, (operation, given) in MEANINGS.items():
        for number, value in enumerate(given):
            body = request(operation, {"v": value})
            yield Bad("variables", f"{name} {str(value)[:20]!r} (the {number}th)", body=body)
        yield Bad("variables", f"{name} missing", body=request(operation, {}))


def numbers() -> Iterator[Bad]:
    for text in LITERALS:
        yield from texts("numbers", {f"literal {text}": PAGE.replace("$v)", f"{text})")})
    for digits in DIGITS:
        text = "9" * digits
        body = request(PAGE, {"v": 0}).replace(b'"v": 0', f'"v": {text}'.encode())
        yield Bad("numbers", f"variable of {digits}", body=body)
        yield from texts("numbers", {f"literal of {digits}": f"{{ locations(first: {text}) {{ nodes {{ id }} }} }}"})
        yield from texts("numbers", {f"default of {digits}": PAGE.replace("Int", f"Int = {text}")})
        yield from texts("numbers", {f"an id of {digits}": f"{{ node(id: {text}) {{ id }} }}"})
    for page in PAGES:
        yield from texts("numbers", {page: f"{{ locations({page}) {{ nodes {{ id }} }} }}"})


def in_bulk() -> Iterator[Bad]:
    for count in (50, 500, 5_000):
        named = {
            f"{count} the same": "query (" + "$a: Int " * count + ") { __typename }",
            f"{count} unused": "query (" + " ".join(f"$a{n}: Int" for n in range(count)) + ") { __typename }",
            f"{count} uses": "query ($a: Boolean!) {" + " __typename @include(if: $a)" * count + "}",
            f"{count} undefined": "{" + " ".join(f"a{n}: location(slug: $v{n}) {{ id }}" for n in range(count)) + "}",
        }
        yield from texts("variables", named, heavy=count > 50)
    for count in (1_000, 1_500, 20_000):
        for value in ("a", ID[:40]):
            body = request(MEANINGS["items"][0], {"v": [value] * count})
            yield Bad("variables", f"{count} ids like {value}", body=body, heavy=True)


def all_variables() -> Iterator[Bad]:
    """Every case of this module."""
    for group in (values, numbers, in_bulk):
        yield from group()
