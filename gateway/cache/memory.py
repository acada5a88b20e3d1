"""The first tier: entries in the process, the least recently used ones go when there are too many bytes."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable

from gateway.cache.entries import OVERHEAD_BYTES, Entry, Key

LARGEST_SHARE = 8
"""An entry that would fill more than one in so many bytes of the whole is not kept."""


class Memory:
    """At most ``capacity_bytes`` of entries, by key. evicted: entries that went for want of room."""

    def __init__(self, capacity_bytes: int) -> None:
        self.capacity_bytes = capacity_bytes
        self.bytes = 0
        self.evicted = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._by_head: defaultdict[str, set[Key]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """The entry of a key, right or not."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, entry: Entry) -> None:
        """Keep an entry instead of the one that its key had."""
        self.drop(entry.key)
        if entry.weight > self.capacity_bytes // LARGEST_SHARE:
            return
        self._entries[entry.key] = entry
        self.bytes += entry.weight
        for head in entry.stamp.heads:
            self._by_head[head].add(entry.key)
        self._make_room()

    def weigh(self, entry: Entry, body_bytes: int) -> None:
        """Count what an entry holds of its body by now, in every encoding; as often as one likes."""
        weight = body_bytes + entry.work.weight + OVERHEAD_BYTES
        if self._entries.get(entry.key) is entry and weight != entry.weight:
            self.bytes += weight - entry.weight
            entry.weight = weight
            self._make_room()

    def drop(self, key: Key) -> None:
        """Keep it no longer."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self.bytes -= entry.weight
        for head in entry.stamp.heads:
            keys = self._by_head[head]
            keys.discard(key)
            if not keys:
                del self._by_head[head]

    def clear(self) -> None:
        """Keep nothing."""
        self._entries.clear()
        self._by_head.clear()
        self.bytes = 0

    def reading(self, heads: Iterable[str]) -> list[Entry]:
        """The entries that depend on any of these heads."""
        keys = {key for head in heads for key in self._by_head.get(head, ())}
        return [self._entries[key] for key in keys]

    def _make_room(self) -> None:
        while self.bytes > self.capacity_bytes:
            self.evicted += 1
            self.drop(next(iter(self._entries)))
