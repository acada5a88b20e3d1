"""Rows as they came over the wire, and what decodes them."""

from __future__ import annotations

from typing import Any

from psycopg import adapt
from psycopg.abc import Transformer
from psycopg.pq.abc import PGresult

from loaders.recent import Recent

DECODERS = 1024
"""How many lists of column types are remembered."""


class Decoders:
    """Decoders by the types of the columns, so that a column whose type changed is never read as what it was.

    They decode as psycopg's binary cursors do on a connection in UTC and UTF-8. Not to be shared between threads.
    """

    def __init__(self) -> None:
        self._decoders: Recent[Transformer] = Recent(DECODERS)

    def of(self, result: PGresult) -> Transformer:
        """The decoder for results with the columns of ``result``."""
        columns = (result.fformat(0) if result.nfields else 0, *(result.ftype(i) for i in range(result.nfields)))
        return self._decoders.get(columns, lambda: _decoder(result))


def _decoder(result: PGresult) -> Transformer:
    decoder: Transformer = adapt.Transformer()
    decoder.set_pgresult(result)
    decoder.set_pgresult(None, set_loaders=False)
    return decoder


class EncodedRows:
    """The rows of one result. It holds the result's memory, not the lane."""

    __slots__ = ("_decoder", "_result", "count")

    def __init__(self, result: PGresult, decoder: Transformer) -> None:
        self.count = result.ntuples
        self._result = result
        self._decoder = decoder

    def load(self, start: int, stop: int) -> list[tuple[Any, ...]]:
        """Decode rows ``start`` to ``stop`` (exclusive)."""
        decoder = self._decoder
        decoder.set_pgresult(self._result, set_loaders=False)
        try:
            return decoder.load_rows(start, min(stop, self.count), tuple)
        finally:
            # Without set_loaders=False the loaders would go too, and the next load_rows would crash the interpreter.
            decoder.set_pgresult(None, set_loaders=False)
