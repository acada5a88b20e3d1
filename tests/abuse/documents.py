"""Documents and variables that are not valid, or ask for too much."""

from __future__ import annotations

from collections.abc import Iterator

from tests.abuse.cases import Bad, got, texts
from tests.abuse.variables import ID

STOREFRONT = 'location(slug: "place-0") { menus { sections { items { id name prices { money { amount } } } } } }'


def syntax() -> Iterator[Bad]:
    broken = [
        "{",
        "}",
        "{}",
        "{{}}",
        "{ a",
        "{ a(: 1) }",
        '{ a(b: ") }',
        '{ a(b: """) }',
        "{ a @ }",
        "{ ... }",
        "\0",
        "…",
    ]
    broken += [
        "query",
        "query {",
        "query ($a) { a }",
        "query ($a: ) { a }",
        "{ a }}",
        "#",
        "",
        " ",
        "fragment on on A { a }",
    ]
    broken += [
        '{ a(b: "\\ud800") }',
        '{ a(b: "\\u{110000}") }',
        '{ a(b: "\\u{D800}") }',
        '{ a(b: "\x07") }',
        "\ufeff{ a }",
    ]
    broken += [
        "type A { a: Int }",
        "{ a } type A { a: Int }",
        "schema { query: A }",
        "{ a(b: $) }",
        "{ $a }",
        "{ a: }",
        "&",
    ]
    yield from texts("syntax", {repr(text): text for text in broken})


def validity() -> Iterator[Bad]:
    wrong = [
        "{ nothing }",
        "{ location }",
        "{ __typename { a } }",
        "{ locations { nodes } }",
        "{ location(slug: 1) { id } }",
    ]
    wrong += [
        "{ location(slug: null) { id } }",
        '{ location(slug: "a", slug: "b") { id } }',
        "{ ...A }",
        "{ ... on A { a } }",
    ]
    wrong += ["query A { __typename } query A { __typename }", "{ __typename } query A { __typename }", "{ __schema }"]
    wrong += [
        "query ($a: Nothing) { __typename }",
        "query ($a: Int!) { __typename }",
        "{ __typename @nothing }",
        "{ _service }",
    ]
    wrong += [
        "{ __typename @skip }",
        "{ __typename @include(if: 1) }",
        "{ __typename @skip(if: true) @skip(if: true) }",
    ]
    wrong += [
        "{ locations(first: 1) { nodes { _meta pk source external_id password } } }",
        "{ a: __typename a: location }",
    ]
    wrong += [
        "query A { __typename }  fragment B on Query { __typename }",
        "{ node(id: 1.5) { id } }",
        "{ nodes(ids: [[]]) { id } }",
    ]
    yield from texts("validity", {text: text for text in wrong})


def many() -> Iterator[Bad]:
    for count in (100, 1_000, 5_000):
        yield from texts(
            "many",
            {
                f"{count} aliases of a leaf": "{" + " ".join(f"a{n}: __typename" for n in range(count)) + "}",
                f"{count} times a leaf": "{" + " __typename" * count + "}",
                f"{count} unknown fields": "{" + " ".join(f"a{n}" for n in range(count)) + "}",
                f"{count} directives": "{ __typename " + "@skip(if: false) " * count + "}",
                f"{count} unknown directives": "{ __typename " + "@a " * count + "}",
                f"{count} arguments": "{ location(" + " ".join(f"a{n}: 1" for n in range(count)) + ") { id } }",
                f"{count} operations": " ".join(f"query A{n} {{ __typename }}" for n in range(count)),
                f"{count} fragments": "{ __typename }"
                + " ".join(f"fragment F{n} on Query {{ a }}" for n in range(count)),
                f"{count} inline fragments": "{ " + "... { __typename } " * count + "}",
                f"{count} items of a list": "{ nodes(ids: [" + f'"{ID}" ' * min(count, 1_000) + "]) { id } }",
                f"{count} bad ids": "{ nodes(ids: [" + '"a" ' * count + "]) { id } }",
            },
            heavy=count > 100,
        )
    for count in (10, 100, 400):
        aliases = " ".join(f"a{n}: {STOREFRONT}" for n in range(count))
        listings = " ".join(f"a{n}: locations(first: 100) {{ totalCount nodes {{ id }} }}" for n in range(count))
        searches = " ".join(f'a{n}: search(text: "a{n}", first: 100) {{ totalCount }}' for n in range(count))
        yield from texts("many", {f"{count} storefronts": "{" + aliases + "}"}, heavy=True)
        yield from texts("many", {f"{count} listings": "{" + listings + "}"}, heavy=True)
        yield from texts("many", {f"{count} searches": "{" + searches + "}"}, heavy=True)


def deep() -> Iterator[Bad]:
    for depth in (20, 200, 1_000, 5_000):
        heavy = depth > 20
        yield from texts(
            "deep",
            {
                f"{depth} selections": "{ a " * depth + "}" * depth,
                f"{depth} without an end": "{ a " * depth,
                f"{depth} inline fragments": "{" + "... {" * depth + "__typename" + "}" * depth + "}",
                f"{depth} typed fragments": "{" + "... on Query {" * depth + "__typename" + "}" * depth + "}",
                f"{depth} lists in a literal": "{ nodes(ids: " + "[" * depth + "]" * depth + ") { id } }",
                f"{depth} objects in a literal": "{ nodes(ids: " + "{a: " * depth + "1" + "}" * depth + ") { id } }",
                f"{depth} lists in a type": "query ($a: " + "[" * depth + "Int" + "]" * depth + ") { __typename }",
                f"{depth} types": "{ __schema { types " + "{ ofType " * depth + "{ name }" + "}" * depth + "} }",
            },
            heavy=heavy,
        )
    for depth in (5, 10, 15):
        cycle = "{ id menus { sections { items { location " * depth + "{ id }" + "} } } }" * depth
        sections = "{ sections { items " * depth + "{ id }" + "} }" * depth
        yield from texts("deep", {f"{depth} times round": f'{{ location(slug: "place-0") {cycle} }}'}, heavy=True)
        yield from texts(
            "deep", {f"{depth} times into sections": f'{{ search(text: "a") {{ nodes {sections} }} }}'}, heavy=True
        )


def fragments() -> Iterator[Bad]:
    cycles = {
        "to itself": "{ ...A } fragment A on Query { ...A }",
        "of two": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "unused": "{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }",
        "below a field": '{ location(slug: "a") { ...A } } fragment A on Location { menus { location { ...A } } }',
        "inline": "{ ...A } fragment A on Query { ... { ... on Query { ...A } } }",
        "with a directive": "query($a: Boolean!) { ...A } fragment A on Query { ...A @include(if: $a) }",
    }
    yield from texts("cycles", cycles)
    for count in (100, 500):
        ring = " ".join(f"fragment F{n} on Query {{ ...F{(n + 1) % count} }}" for n in range(count))
        yield from texts("cycles", {f"of {count}": "{ ...F0 } " + ring}, heavy=True)
    for width, depth in ((2, 12), (2, 18), (2, 25), (3, 12), (10, 8)):
        wide = range(width)
        bomb = " ".join(f"fragment F{n} on Query {{ {' '.join(f'...F{n + 1}' for _ in wide)} }}" for n in range(depth))
        nested = " ".join(
            f"fragment F{n} on Location {{ {' '.join(f'a{m}: menus {{ location {{ ...F{n + 1} }} }}' for m in wide)} }}"
            for n in range(depth)
        )
        named = f"{width} to the power of {depth}"
        yield from texts(
            "bombs", {named: f"{{ ...F0 }} {bomb} fragment F{depth} on Query {{ __typename }}"}, heavy=True
        )
        text = f'{{ location(slug: "place-0") {{ ...F0 }} }} {nested} fragment F{depth} on Location {{ id }}'
        yield from texts("bombs", {f"{named}, nested": text}, heavy=True)
    for count in (50, 300):
        overlapping = " ".join(f'a: location(slug: "place-0") {{ b{n}: id ...F }}' for n in range(count))
        yield from texts(
            "bombs", {f"{count} to merge": f"{{ {overlapping} }} fragment F on Location {{ id }}"}, heavy=True
        )
        repeated = " ".join("locations(first: 1) { nodes { " + " ".join(["id"] * 5) + " } }" for _ in range(count))
        yield from texts("bombs", {f"{count} to compare": f"{{ {repeated} }}"}, heavy=True)


def by_get() -> Iterator[Bad]:
    for name, text in {
        "syntax": "{",
        "validity": "{ nothing }",
        "mutation": "mutation { a }",
        "cycle": "{...A} fragment A on Query {...A}",
    }.items():
        yield got("by GET", name, query=text)
    yield got(
        "by GET", "variables", query="query ($n: Int) { locations(first: $n) { nodes { id } } }", variables='{"n": "1"}'
    )
    yield got("by GET", "name", query="{ __typename }", operationName="\ud7ff")


def introspection() -> Iterator[Bad]:
    for depth in (3, 6, 9, 12):
        types = "{ __schema { types { " + "fields { type { " * depth + "name" + " } }" * depth + " } } }"
        yield from texts("introspection", {f"{depth} deep": types}, heavy=True)
        possible = (
            "{ __schema { types { " + "possibleTypes { interfaces { " * depth + "name" + " } }" * depth + " } } }"
        )
        yield from texts("introspection", {f"{depth} deep, by interfaces": possible}, heavy=True)


def all_documents() -> Iterator[Bad]:
    """Every case of this module."""
    for group in (syntax, validity, many, deep, fragments, by_get, introspection):
        yield from group()
