"""The process's own tier: prepared operations, bounded in number and in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from sys import getsizeof
from typing import Generic, TypeVar

from persisted_queries.documents import Document, Registered

P = TypeVar("P")

CAPACITY = 2_000
CAPACITY_BYTES = 256 * 1024 * 1024
DOCUMENT_BYTES = 700
"""What a document costs beside its text and what is prepared of it: its records and places in tables."""

ID_BYTES = 350
"""What each id of it costs, the id's own text included."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[P]):
    """A registered document, and what the gateway has prepared of it."""

    document: Document
    prepared: P


@dataclass(slots=True)
class Held(Generic[P]):
    """One prepared document, the ids under which it was asked for, and the bytes that all of it takes."""

    prepared: P
    bytes: int
    ids: set[str] = field(default_factory=set)


class Memory(Generic[P]):
    """The ``capacity`` documents used last, of ``capacity_bytes`` together at most.

    weigh: bytes that something prepared takes. An id leads to its entry; a document that several ids lead to is held
    once. What is prepared depends on the text and its budget, the document's identity; whether an id is registered is
    told by ``swap``.
    """

    def __init__(
        self, weigh: Callable[[P], int], *, capacity: int = CAPACITY, capacity_bytes: int = CAPACITY_BYTES
    ) -> None:
        self.weigh = weigh
        self.capacity = capacity
        self.capacity_bytes = capacity_bytes
        self.bytes = 0
        self.evicted = 0
        self._entries: dict[str, Entry[P]] = {}
        self._held: OrderedDict[str, Held[P]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, document_id: str) -> Entry[P] | None:
        """The entry of an id."""
        entry = self._entries.get(document_id)
        if entry is not None:
            self._held.move_to_end(entry.document.identity)
        return entry

    def prepared(self, identity: str) -> P | None:
        """What was prepared of a document, whether it is registered or not."""
        held = self._held.get(identity)
        return None if held is None else held.prepared

    def entries(self) -> Mapping[str, Entry[P]]:
        """Entries by id, as they are."""
        return dict(self._entries)

    def put(self, document_ids: Iterable[str], entry: Entry[P], *, coldest: bool = False) -> None:
        """Let ids lead to an entry; without ids it is only kept as prepared.

        coldest: it is the first to go, and refused where another would have to go for it.
        """
        identity = entry.document.identity
        held = self._held.get(identity)
        if held is None:
            size = DOCUMENT_BYTES + getsizeof(entry.document.text) + self.weigh(entry.prepared)
            if coldest and not self.room_for(size):
                return
            held = self._held[identity] = Held(entry.prepared, size)
            self.bytes += size
            self._held.move_to_end(identity, last=not coldest)
        elif not coldest:
            self._held.move_to_end(identity)
        for document_id in document_ids:
            self._entries[document_id] = entry
            if document_id not in held.ids:
                held.ids.add(document_id)
                held.bytes += ID_BYTES
                self.bytes += ID_BYTES
        while len(self._held) > self.capacity or self.bytes > self.capacity_bytes:
            self._evict()

    def room_for(self, size: int) -> bool:
        """Whether one more document of that many bytes fits in without another going."""
        return len(self._held) < self.capacity and self.bytes + size <= self.capacity_bytes

    def swap(self, registered: Mapping[str, Registered]) -> int:
        """In one step, keep the ids that stand for what they stood for, and drop all others.

        registered: what ids stand for. Returns: how many ids went.
        """
        entries: dict[str, Entry[P]] = {}
        for document_id, entry in self._entries.items():
            found, document = registered.get(document_id), entry.document
            if found is not None and (found.sha256, found.budget) == (document.sha256, document.budget):
                same = found.clients == document.clients
                entries[document_id] = entry if same else with_clients(entry, found.clients)
        gone = len(self._entries) - len(entries)
        self._entries = entries
        for identity, held in list(self._held.items()):
            kept_ids = held.ids & entries.keys()
            released = ID_BYTES * (len(held.ids) - len(kept_ids))
            held.ids = kept_ids
            held.bytes -= released
            self.bytes -= released
            if not kept_ids:
                self._drop(identity)
        return gone

    def _evict(self) -> None:
        self.evicted += 1
        self._drop(next(iter(self._held)))

    def _drop(self, identity: str) -> None:
        held = self._held.pop(identity)
        self.bytes -= held.bytes
        for document_id in held.ids:
            self._entries.pop(document_id, None)


def with_clients(entry: Entry[P], clients: tuple[str, ...]) -> Entry[P]:
    """The entry with its document's clients replaced."""
    return Entry(replace(entry.document, clients=clients), entry.prepared)
