"""The first tier: bounded in bytes, and found by head."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.cache.entries import OVERHEAD_BYTES, Entry, Work
from gateway.cache.memory import Memory
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.responses import Answer
from loaders.stamps import Stamp


async def nothing(exchange: Exchange) -> Answer:
    raise NotImplementedError


def entry(key: str, size: int = 1000, *heads: str) -> Entry:
    return Entry(key, b"x" * size, Stamp(dict.fromkeys(heads, 1), datetime.now(UTC), None), Work(nothing), epoch=0)


ROOM = 8 * (OVERHEAD_BYTES + 1000)


def test_the_least_recently_used_goes_first() -> None:
    memory = Memory(ROOM)
    for number in range(8):
        memory.put(entry(str(number)))
    memory.get("0")

    memory.put(entry("8"))

    assert memory.get("1") is None
    assert memory.get("0") is not None
    assert (len(memory), memory.bytes, memory.evicted) == (8, ROOM, 1)


def test_what_would_fill_too_much_of_it_is_not_kept() -> None:
    memory = Memory(ROOM)

    memory.put(entry("large", 1001))

    assert len(memory) == 0


def test_a_new_entry_takes_the_place_of_the_old_one() -> None:
    memory = Memory(ROOM)
    memory.put(entry("a", 500, "menus"))
    memory.put(entry("a", 700, "prices"))

    assert memory.bytes == OVERHEAD_BYTES + 700
    assert memory.reading(["menus"]) == []
    assert [found.key for found in memory.reading(["prices", "menus"])] == ["a"]


def test_what_an_entry_holds_beside_its_body_counts() -> None:
    memory = Memory(ROOM)
    kept, gone = entry("a"), entry("b")
    memory.put(kept)

    for _ in range(2):
        memory.weigh(kept, 1300)
        memory.weigh(gone, 1300)

    assert memory.bytes == OVERHEAD_BYTES + 1300
    memory.drop("a")
    assert memory.bytes == 0


def test_nothing_is_left_of_what_went() -> None:
    memory = Memory(ROOM)
    for number in range(20):
        memory.put(entry(str(number), 1000, f"head {number}"))

    assert set(memory._by_head) == {f"head {number}" for number in range(12, 20)}
    memory.clear()
    assert (memory.bytes, len(memory), len(memory._by_head)) == (0, 0, 0)
