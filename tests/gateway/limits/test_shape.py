"""The shape of documents: tables, and random ones against the shape of the same document with everything spread."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.shape import CEILING, measure

SHAPES: dict[str, tuple[str, dict[str, int]]] = {
    "a field": ("{ a }", {"depth": 1, "root_fields": 1, "selections": 1}),
    "nested fields": ("{ a { b { c } d } }", {"depth": 3, "root_fields": 1, "selections": 4}),
    "inline fragments add no depth": (
        "{ ... { a { ... on T { b } } } }",
        {"depth": 2, "root_fields": 1, "selections": 4},
    ),
    "a fragment counts where it is spread": (
        "{ a { ...F } b { c { ...F } } } fragment F on T { d e { f } }",
        {"depth": 4, "root_fields": 2, "selections": 11, "fragments": 1},
    ),
    "fields of a fragment at the root are root fields": (
        "{ ...F ... { ...F } } fragment F on Query { a b { c } }",
        {"depth": 2, "root_fields": 4, "selections": 9, "fragments": 1},
    ),
    "aliases": ("{ x: a ...F ...F } fragment F on Query { y: b }", {"aliases": 3, "depth": 1, "root_fields": 3}),
    "directives": (
        "query($v: B = true @d) @d { a @skip(if: $v) ... @d { b } ...F @d } fragment F on Query @d { c @d @d }",
        {"directives": 8, "variables": 1},
    ),
    "the longest list of arguments": ("{ a(b: [1, 2], c: {d: [[1], [1, 2, 3]]}) }", {"list_length": 3}),
    "the longest list of defaults": ("query($v: [I] = [1, 2, 3, 4]) { a }", {"list_length": 4, "variables": 1}),
    "the longest list of directives": ("{ a @d(e: [1, 2]) }", {"list_length": 2, "directives": 1}),
    "duplicate variables": ("query($v: I $v: I $w: I) { a }", {"variables": 3}),
    "the largest operation": (
        "query A { a b c } query B { a { b { c } } }",
        {"depth": 3, "root_fields": 3, "selections": 3},
    ),
    "fragments that nobody spreads": (
        "{ a } fragment F on T { b { c { d } } } fragment G on T { e }",
        {"depth": 1, "selections": 1, "fragments": 2},
    ),
    "a fragment that spreads itself": ("{ ...F } fragment F on T { a ...F }", {"selections": 3, "fragments": 1}),
    "fragments that spread each other": (
        "{ ...F ...G } fragment F on T { a ...G } fragment G on T { b ...F }",
        {"depth": 1, "fragments": 2},
    ),
    "a spread of nothing": ("{ a ...F }", {"selections": 2, "depth": 1}),
    "no operation": ("fragment F on T { a }", {"depth": 0, "selections": 0, "fragments": 1}),
    "a type": ("type T { a: Int }", {"depth": 0, "selections": 0}),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_shape_of(name: str) -> None:
    text, expected = SHAPES[name]

    found = asdict(measure(parse(text)))

    assert {count: found[count] for count in expected} == expected


def test_fragments_that_double_are_counted_once_each() -> None:
    levels = 100
    text = "{ ...F0 }" + "".join(f"fragment F{at} on T {{ a: b ...F{at + 1} ...F{at + 1} }}" for at in range(levels))
    document = parse(f"{text} fragment F{levels} on T {{ c }}")
    began = time.process_time()

    shape = measure(document)

    assert time.process_time() - began < 0.5, "it takes less than a millisecond; spread, it takes for ever"
    assert (shape.selections, shape.aliases, shape.root_fields) == (CEILING, CEILING, CEILING)
    assert shape.depth == 1


def test_a_long_chain_of_fragments_does_not_recurse() -> None:
    links = 5_000
    text = "{ ...F0 }" + "".join(f"fragment F{at} on T {{ a {{ ...F{at + 1} }} }}" for at in range(links))

    assert measure(parse(f"{text} fragment F{links} on T {{ b }}")).depth == links + 1


FRAGMENTS = 4


def selections(spreadable: range) -> st.SearchStrategy[str]:
    """A selection set that spreads fragments of these numbers."""
    leaf = st.sampled_from(["a", "x: b", "c @d", "e(f: [1 2 3])", *(f"...F{at} @d" for at in spreadable)])
    wrapped = st.sampled_from(["a", "y: b @d", "...", "... on T @d"])
    one: st.SearchStrategy[str] = st.recursive(
        leaf, lambda inner: st.tuples(wrapped, st.lists(inner, min_size=1, max_size=3)).map(nested), max_leaves=6
    )
    return st.lists(one, min_size=1, max_size=3).map(lambda found: "{ " + " ".join(found) + " }")


def nested(parts: tuple[str, list[str]]) -> str:
    name, inner = parts
    return f"{name} {{ {' '.join(inner)} }}"


@st.composite
def documents(draw: Any) -> str:
    """A document whose fragments spread only later ones."""
    parts = [draw(selections(range(FRAGMENTS)))]
    parts += [f"fragment F{at} on T {draw(selections(range(at + 1, FRAGMENTS)))}" for at in range(FRAGMENTS)]
    return " ".join(parts)


@given(documents())
def test_the_counts_are_those_of_the_document_with_every_fragment_in_place(text: str) -> None:
    document = parse(text)

    shape = measure(document)

    depth, counts = brute_force(document)
    assert shape.depth == depth
    assert {name: getattr(shape, name) for name in counts} == counts


def brute_force(document: DocumentNode) -> tuple[int, dict[str, int]]:
    """The depth and the counts of the only operation, by walking every fragment wherever it is spread."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    [operation] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    counts = {"selections": 0, "aliases": 0, "directives": 0, "root_fields": 0}

    def walk(selection_set: SelectionSetNode, depth: int) -> int:
        deepest = 0
        for selection in selection_set.selections:
            counts["selections"] += 1
            counts["directives"] += len(selection.directives or ())
            if isinstance(selection, FragmentSpreadNode):
                deepest = max(deepest, walk(fragments[selection.name.value].selection_set, depth))
                continue
            is_field = isinstance(selection, FieldNode)
            if isinstance(selection, FieldNode):
                counts["aliases"] += selection.alias is not None
                counts["root_fields"] += depth == 0
                deepest = max(deepest, depth + 1)
            inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if inner:
                deepest = max(deepest, walk(inner, depth + is_field))
        return deepest

    return walk(operation.selection_set, 0), counts
