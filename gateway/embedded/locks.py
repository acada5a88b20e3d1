"""Locks on files, which the kernel frees when their holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class HeldElsewhere(Exception):
    """Another process holds the lock. Its argument is what that process wrote into the file, usually its pid."""


@contextmanager
def exclusive(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of ``path``, with this process's pid written in it. Without ``wait``: raises ``HeldElsewhere``."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as exc:
            file.seek(0)
            raise HeldElsewhere(file.read().strip()) from exc
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
