"""Publishes versions from a process of its own, at a steady rate, and tells at any moment how far it is."""

from __future__ import annotations

import asyncio
import itertools
import mmap
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHAINS = (("one", "two"), ("three", "four"), ("five", "six"))
"""Sources, each of which publishes one location with its name as slug. Those of a chain publish in turn, in this order,
none before the one before it has committed; the chains run side by side."""

NAMES = tuple(name for chain in CHAINS for name in chain)

READY_SECONDS = 120
SAID, PUBLISHED = 0, 1
PARENT = os.getppid()


class Board:
    """Two numbers for each source, in memory that both processes share.

    said: the version that it is about to publish; no store holds a newer one. published: the newest whose publish has
    returned; no read that begins afterwards may be older.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)

    @classmethod
    def make(cls, path: Path) -> Board:
        path.write_bytes(bytes(16 * len(NAMES)))
        return cls(path)

    def _get(self, name: str, which: int) -> int:
        found: int = struct.unpack_from("q", self._memory, 16 * NAMES.index(name) + 8 * which)[0]
        return found

    def put(self, name: str, which: int, version: int) -> None:
        struct.pack_into("q", self._memory, 16 * NAMES.index(name) + 8 * which, version)

    def said(self, name: str) -> int:
        return self._get(name, SAID)

    def published(self, name: str) -> int:
        return self._get(name, PUBLISHED)

    def total(self) -> int:
        """Publishes so far."""
        return sum(self.published(name) for name in NAMES)


def in_order(seen: Mapping[str, int]) -> bool:
    """Whether versions of several sources can be of one moment. seen: source -> version, not of all sources."""
    return all(0 <= seen[first] - seen[second] <= 1 for first, second in CHAINS if first in seen and second in seen)


@contextmanager
def publishing(folder: Path, per_second: float) -> Iterator[Board]:
    """Publish until the block ends; begins once every source has published twice, so that every value is there."""
    path = folder / "board"
    board = Board.make(path)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.publishing", str(path), str(per_second)], cwd=ROOT
    )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while min(board.published(name) for name in NAMES) < 2:
            assert process.poll() is None, "the publisher ended"
            assert time.monotonic() < deadline, "the publisher does not come to publish"
            time.sleep(0.02)
        yield board
        assert process.poll() is None, "the publisher ended"
    finally:
        process.kill()
        process.wait()


async def publish_for_ever(board: Board, per_second: float) -> None:
    """All chains at once."""
    await asyncio.gather(*(publish_in_turn(board, chain, per_second / len(CHAINS)) for chain in CHAINS))


async def publish_in_turn(board: Board, chain: tuple[str, ...], per_second: float) -> None:
    """One source of the chain after the other, each its next version."""
    from sync.runner import run_stream  # noqa: PLC0415 - after django.setup()
    from sync.settings import SourceSettings  # noqa: PLC0415 - after django.setup()
    from tests.acceptance.versions import STREAM  # noqa: PLC0415 - after django.setup()

    due = time.monotonic()
    for name in itertools.cycle(chain):
        version = board.said(name) + 1
        board.put(name, SAID, version)
        report = await run_stream(SourceSettings(name, "versions", "http://127.0.0.1"), STREAM)
        assert report.state == "PUBLISHED", report
        board.put(name, PUBLISHED, version)
        due = max(due + 1 / per_second, time.monotonic() - 1)
        await asyncio.sleep(max(0, due - time.monotonic()))
        if os.getppid() != PARENT:
            return


if __name__ == "__main__":
    from gateway.stores import set_up_django

    set_up_django()
    from sync import sources
    from tests.acceptance.versions import KIND

    kinds: Any = sources.KINDS
    kinds["versions"] = KIND
    asyncio.run(publish_for_ever(Board(Path(sys.argv[1])), float(sys.argv[2])))
