"""Several processes that serve one address.

Not uvicorn's own supervisor: its workers outlive a parent that is killed, it starts a worker that fails again twice a
second without end, and it waits for ever for one that does not stop.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gateway.configured.kinds import PREFIX
from gateway.errors import ConfigError
from gateway.observing.shared import new_folder
from gateway.supervisor import Supervisor, answers

if TYPE_CHECKING:
    from gateway.config import Config

BACKLOG = 2048
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
SPARE_SECONDS = 5
"""How long after drain and grace a worker that still runs is killed."""


async def serve_with_workers(
    settings: Config, count: int, host: str, port: int, log_level: str, say: Callable[[str], None]
) -> None:
    """Run ``count`` workers that share one listening socket, until a signal stops them.

    The first one has to live before the others start. A worker that ends by itself is started again, the others serve
    meanwhile. On Linux all of them end with this process, whatever ends it. Raises ``GatewayError`` when the first
    worker does not start.
    """
    with listening(host, port) as listener:
        metrics = settings.metrics_dir or new_folder(settings.data_dir)
        workers = Supervisor(
            say,
            {f"{PREFIX}DATABASE_URL": settings.database_url, f"{PREFIX}METRICS_DIR": str(metrics)},
            (listener.fileno(),),
            settings.drain_seconds + settings.grace_seconds + SPARE_SECONDS,
        )
        stopped = stop_signal()
        running = asyncio.create_task(_run(workers, count, host, port, ("--log-level", log_level), listener.fileno()))
        try:
            waiting: set[asyncio.Future[Any]] = {stopped, running}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
                say(f"Larder serves on http://{host}:{port} with {count} processes")
                await stopped
        finally:
            running.cancel()
            await workers.stop_at_once(stopped.result() if stopped.done() else signal.SIGTERM)


async def _run(workers: Supervisor, count: int, host: str, port: int, options: tuple[str, ...], fd: int) -> None:
    for number in range(count):
        worker = await workers.launch(f"worker {number + 1}", "serve", "--fd", str(fd), *options)
        if not number:
            await answers(worker, host, port, "/health/live")
        workers.keep(worker)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ``ConfigError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as exc:
        raise ConfigError(f"{PREFIX}PORT", f"cannot listen on {host}:{port}: {exc.strerror or exc}") from exc


def stop_signal() -> asyncio.Future[int]:
    """The first signal to stop, once it comes."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()

    def stop(number: int) -> None:
        if not stopped.done():
            stopped.set_result(number)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop, number)
    return stopped
