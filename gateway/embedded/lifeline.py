"""Ties a child process's life to its parent's, so that a killed parent leaves nothing behind."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def dies_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """A ``preexec_fn`` that has the kernel send ``death_signal`` to the child when its parent dies.

    prctl(2), PR_SET_PDEATHSIG: Linux alone has it; elsewhere None, and an orphan is found by the next start. The signal
    comes when the *thread* that started the child ends, so start children from the main thread.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            # The parent died between fork and prctl: nothing would ever tell the child.
            os._exit(1)

    return tie
