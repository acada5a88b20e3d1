"""What a lane's session knows: its prepared statements, and how the rows of each are decoded."""

from __future__ import annotations

from collections import OrderedDict

from psycopg.abc import Transformer
from psycopg.pq.abc import PGresult

from loaders.pipelines.connecting import FORGET_ALL
from loaders.pipelines.rows import Decoders


class Memory:
    """The ``size`` statements used last. ``discards``: commands that make the server forget the others."""

    def __init__(self, decoders: Decoders, size: int) -> None:
        self.discards: list[bytes] = []
        self._decoders = decoders
        self._size = size
        self._known: OrderedDict[bytes, Transformer | None] = OrderedDict()

    def recall(self, name: bytes) -> bool:
        """Whether the statement is known; it is from here on."""
        if name in self._known:
            self._known.move_to_end(name)
            return True
        self._known[name] = None
        return False

    def unlearn(self, name: bytes) -> None:
        """The server did not take the statement."""
        self._known.pop(name, None)

    def discarded(self, command: bytes) -> None:
        """The server did as ``command`` says."""
        if command in self.discards:
            self.discards.remove(command)

    def trim(self) -> None:
        """Let go of the statements that were not used for longest."""
        while len(self._known) > self._size:
            name, _ = self._known.popitem(last=False)
            self.discards.append(b'DEALLOCATE "%s"' % name)

    def clear(self) -> None:
        """Start anew, as the session may have been made to do by others."""
        self._known.clear()
        self.discards = [FORGET_ALL]

    def decoder(self, name: bytes, result: PGresult) -> Transformer:
        """The decoder of the statement's rows.

        PostgreSQL promises that a prepared statement keeps the types of its columns: it fails rather than change them.
        """
        decoder = self._known.get(name)
        if decoder is None:
            decoder = self._decoders.of(result)
            if name in self._known:
                self._known[name] = decoder
        return decoder
