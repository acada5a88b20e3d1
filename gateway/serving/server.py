"""One process that serves: uvicorn's server, with an end in two steps."""

from __future__ import annotations

import resource
import signal
import time
from types import FrameType
from typing import TYPE_CHECKING

import structlog
import uvicorn

from gateway.serving.draining import DRAIN
from gateway.serving.protocol import bounded_by

if TYPE_CHECKING:
    from gateway.config import Config

SPARE_FILES = 300
"""Open files beside the clients' connections: lanes, libraries, logs."""

log = structlog.get_logger(__name__)


class DrainingServer(uvicorn.Server):
    """On SIGTERM ``/health/ready`` answers 503 and requests are accepted for ``drain_seconds`` more; then it stops.

    Whatever was accepted is finished first, within the grace of uvicorn's configuration. SIGINT, which is a person's,
    and a second SIGTERM stop at once. Being told to stop is no failure: the exit code is 0.
    """

    def __init__(self, config: uvicorn.Config, *, drain_seconds: float = 0.0) -> None:
        super().__init__(config)
        self.drain_seconds = drain_seconds
        self._drained_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler
        """A signal to stop. It is not kept, so uvicorn does not raise it once more at the end."""
        first, DRAIN.begun = not DRAIN.begun, True
        if first and sig == signal.SIGTERM and self.drain_seconds:
            self._drained_at = time.monotonic() + self.drain_seconds
        elif self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        else:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether it is time to stop."""
        if self._drained_at is not None and time.monotonic() >= self._drained_at:
            self.should_exit = True
        return await super().on_tick(counter)


def server_of(settings: Config, host: str, port: int, log_level: str) -> DrainingServer:
    """The server of this process, as the settings want it."""
    allow_files(settings.connections + SPARE_FILES)
    return DrainingServer(
        uvicorn.Config(
            "gateway.asgi:app",
            host=host,
            port=port,
            http=bounded_by(settings),
            ws="none",
            loop="uvloop",
            access_log=False,
            log_level=log_level,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_keep_alive=settings.idle_timeout,
            timeout_graceful_shutdown=settings.grace_seconds,
        ),
        drain_seconds=settings.drain_seconds,
    )


def allow_files(wanted: int) -> None:
    """Raise the soft limit on open files to ``wanted``, as far as the hard limit goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        log.warning("fewer open files are allowed than connections", allowed=most, wanted=wanted)
