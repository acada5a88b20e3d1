"""Memory: bounds, one document under several ids, and swaps."""

from __future__ import annotations

from sys import getsizeof

from persisted_queries.budgets import Budget
from persisted_queries.documents import Document, Registered
from persisted_queries.memory import DOCUMENT_BYTES, ID_BYTES, Entry, Memory


def entry(name: str, clients: tuple[str, ...] = ("web",)) -> Entry[str]:
    return Entry(Document(name, f"text of {name}", clients), f"prepared {name}")


def memory(capacity: int = 3, capacity_bytes: int = 100_000, weight: int = 100) -> Memory[str]:
    return Memory(lambda _: weight, capacity=capacity, capacity_bytes=capacity_bytes)


def names(held: Memory[str]) -> set[str]:
    return set(held.entries())


def test_the_document_used_longest_ago_goes_first() -> None:
    held = memory(capacity=2)
    held.put(["a"], entry("A"))
    held.put(["b"], entry("B"))
    held.get("a")

    held.put(["c"], entry("C"))

    assert names(held) == {"a", "c"}
    assert (held.get("b"), held.prepared("B"), held.evicted) == (None, None, 1)


def test_ids_of_one_document_share_what_is_prepared_and_go_together() -> None:
    held = memory(capacity=1)
    held.put(["a", "alias"], entry("A"))
    assert (len(held), names(held)) == (1, {"a", "alias"})

    held.put(["b"], entry("B"))

    assert names(held) == {"b"}


def test_bytes_are_bounded_and_counted_to_the_last() -> None:
    one = DOCUMENT_BYTES + getsizeof("text of A") + 100 + ID_BYTES
    held = memory(capacity=100, capacity_bytes=2 * one)

    for name in "ABC":
        held.put([name.lower()], entry(name))
    assert (held.bytes, names(held)) == (2 * one, {"b", "c"})

    held.put(["b", "another"], entry("B"))
    assert (held.bytes, names(held)) == (one + ID_BYTES, {"b", "another"})

    held.swap({})
    assert (held.bytes, len(held)) == (0, 0)


def test_a_document_too_large_for_all_of_memory_is_not_kept() -> None:
    held = memory(capacity_bytes=1000, weight=5000)

    held.put(["a"], entry("A"))

    assert (len(held), held.bytes, names(held)) == (0, 0, set())


def test_the_coldest_never_pushes_another_out_and_is_the_first_to_go() -> None:
    held = memory(capacity=2)
    held.put(["a"], entry("A"), coldest=True)
    held.put(["b"], entry("B"), coldest=True)
    held.put(["c"], entry("C"), coldest=True)
    assert names(held) == {"a", "b"}

    held.put(["c"], entry("C"))

    assert names(held) == {"a", "c"}


def test_a_swap_drops_what_is_not_registered_and_renews_clients() -> None:
    held = memory()
    held.put(["a", "alias"], entry("A"))
    held.put(["b"], entry("B"))
    held.put(["c"], entry("C"))

    gone = held.swap({"a": Registered("A", ("ios",)), "b": Registered("OTHER", ("web",))})

    assert gone == 3
    assert names(held) == {"a"}
    found = held.get("a")
    assert found is not None
    assert (found.document.clients, found.prepared) == (("ios",), "prepared A")
    assert (held.prepared("B"), held.prepared("C")) == (None, None)


def test_a_swap_drops_what_was_prepared_under_another_budget() -> None:
    held = memory()
    held.put(["a", "alias"], entry("A"))
    larger = Registered("A", ("web",), Budget(cost=9))

    gone = held.swap({"a": larger, "alias": larger})

    assert (gone, names(held), held.bytes, held.prepared("A")) == (2, set(), 0, None)


def test_what_is_prepared_under_one_budget_is_not_that_of_another() -> None:
    held = memory()
    budgeted = Document("A", "text of A", ("web",), Budget(cost=9))
    held.put([], entry("A"))
    held.put(["a"], Entry(budgeted, "prepared with a budget"))

    assert (held.prepared("A"), held.prepared(budgeted.identity)) == ("prepared A", "prepared with a budget")
    assert held.swap({"a": Registered("A", ("web",), Budget(cost=9))}) == 0
    found = held.get("a")
    assert found is not None
    assert found.prepared == "prepared with a budget"


def test_without_ids_only_what_is_prepared_is_kept() -> None:
    held = memory()

    held.put([], entry("A"))

    assert (held.prepared("A"), names(held)) == ("prepared A", set())
