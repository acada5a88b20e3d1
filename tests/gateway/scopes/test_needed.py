"""The algebra of needs."""

from __future__ import annotations

from gateway.scopes.needed import OPEN, Needed, all_of, any_of, has, told


def needed(*alternatives: str) -> Needed:
    return frozenset(frozenset(one.split()) for one in alternatives)


def test_needs_together_are_combined_alternative_by_alternative() -> None:
    assert all_of([needed("a", "b"), needed("c")]) == needed("a c", "b c")
    assert all_of([]) == OPEN


def test_an_alternative_that_asks_for_more_than_another_goes() -> None:
    assert all_of([needed("a", "b"), needed("a")]) == needed("a")
    assert any_of([needed("a b"), needed("a")]) == needed("a")
    assert any_of([needed("a"), OPEN]) == OPEN


def test_of_no_choice_there_is_nothing_that_would_do() -> None:
    assert not has(frozenset({"a"}), any_of([]))


def test_who_has_one_whole_alternative_has_what_is_needed() -> None:
    assert has(frozenset({"c", "d"}), needed("a", "c d"))
    assert not has(frozenset({"c"}), needed("a", "c d"))
    assert has(frozenset(), OPEN)


def test_needs_are_told_shortest_first() -> None:
    assert told(needed("b a", "c")) == "c, or a and b"
