"""TCP ports on this machine."""

from __future__ import annotations

import os
import socket


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])


def why_not_bindable(host: str, port: int) -> str | None:
    """Why a server cannot listen there; None when it can."""
    try:
        with socket.create_server((host, port)):
            return None
    except OSError as exc:
        return str(exc) if exc.errno is None else os.strerror(exc.errno)
