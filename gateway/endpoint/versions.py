"""How new the store has to be that an answer is read in: ``Larder-Min-Version``.

The version of a store is the sum of its heads: it grows with every publish and every other tracked write, on a replica
in the order in which the primary committed them. Whoever has written reads it afterwards; a request that names it is
answered from a store which has that write.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gateway.cache.heads import HeadWatch
from gateway.endpoint.errors import RequestError

MIN_VERSION = b"larder-min-version"
PATIENCE_SECONDS = 0.2
PAUSE_SECONDS = 0.01
LONGEST = 19
"""Digits of the largest version that PostgreSQL counts to."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of the wish for a version: the store was at ``seen`` (None: it did not tell) before it was read."""

    required: int
    seen: int | None

    def told(self) -> dict[str, int | bool | None]:
        """``extensions.version``."""
        return {
            "required": self.required,
            "seen": self.seen,
            "met": self.seen is not None and self.seen >= self.required,
        }


def wanted_version(header: bytes | None) -> int | None:
    """The version that a request names, None for one that names none. Raises ``RequestError``."""
    if header is None:
        return None
    text = header.decode("latin-1").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST):
        raise RequestError(
            400,
            "BAD_REQUEST",
            f"Larder-Min-Version must be a whole number of at most {LONGEST} digits, not {text[:50]!r}",
        )
    return int(text)


async def reach(watch: HeadWatch, required: int) -> Reached:
    """Wait until the store has the version, for ``PATIENCE_SECONDS`` at most. What is read afterwards is that new."""
    seen: int | None = None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await watch.refreshed(anew=True):
                seen = sum(watch.values.values())
                if seen >= required:
                    break
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError:
        pass
    return Reached(required, seen)
