"""``larder dev``: the whole pantry on one machine, from the databases to the gateway."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.banner import banner
from gateway.config import Config
from gateway.configured.kinds import PREFIX
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.valkey import EmbeddedValkey
from gateway.errors import ConfigError, EmbeddedServerError, GatewayError
from gateway.ports import free_port, why_not_bindable
from gateway.sources import configured_sources, simulator_note
from gateway.stores import check_database, check_redis
from gateway.supervisor import Supervisor, answers

LOOPBACK = "127.0.0.1"
LOOPBACKS = (LOOPBACK, "::1", "localhost")
TOLD = ("cost_extension", "plan_explain", "server_timing")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WATCH_SECONDS = 1


@dataclass(slots=True)
class Development:
    """One run of ``larder dev``. ``say`` takes lines for its user."""

    config: Config
    say: Callable[[str], None]
    children: Supervisor = field(init=False)
    servers: list[EmbeddedPostgres | EmbeddedValkey] = field(init=False, default_factory=list)
    redis_url: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.children = Supervisor(self.say)

    async def run(self) -> None:
        """Start everything in order, keep it running until a stop signal, stop it in the opposite order.

        Raises ``GatewayError`` when something does not start.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, stop.set)
        stopping = asyncio.create_task(stop.wait())
        working = asyncio.create_task(self._start_and_watch())
        try:
            await asyncio.wait({stopping, working}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
            self.say("Stopping.")
        finally:
            stopping.cancel()
            working.cancel()
            with suppress(asyncio.CancelledError, GatewayError):
                await working
            await self._stop()

    async def _start_and_watch(self) -> None:
        started = time.monotonic()
        self._check_port()
        self._start_stores()
        await self._start_processes()
        self.say(banner(self.config, time.monotonic() - started))
        await self._watch_stores()

    def _check_port(self) -> None:
        if reason := why_not_bindable(self.config.host, self.config.port):
            raise ConfigError(
                f"{PREFIX}PORT",
                f"cannot listen on {self.config.host}:{self.config.port}: {reason}. "
                f"Choose another port: make run PORT={free_port()}",
            )

    def _start_stores(self) -> None:
        """Start what is embedded, check what is not, and tell the children both addresses."""
        environment = self.children.environment
        if self.config.embedded_database:
            postgres = EmbeddedPostgres(self.config.data_dir)
            self.servers.append(postgres)
            postgres.start()
            environment[f"{PREFIX}DATABASE_URL"] = postgres.url
            self.say(f"PostgreSQL {'was running' if postgres.adopted else 'runs'} over {postgres.cluster}")
        else:
            check_database(self.config)
        if self.config.redis_url is None:
            self._start_valkey()
        else:
            check_redis(self.config)
            self.redis_url = self.config.redis_url

    def _start_valkey(self) -> None:
        valkey = EmbeddedValkey(self.config.data_dir)
        try:
            valkey.start()
        except EmbeddedServerError as exc:
            # Everything works without it, more slowly.
            self.say(f"Going on without Valkey: {exc}")
            return
        self.servers.append(valkey)
        self.redis_url = valkey.url

    async def _start_processes(self) -> None:
        simulator = await self._start_simulator()
        if code := await self.children.run("migrations", "migrate", "--quiet"):
            raise GatewayError(f"the migrations ended with exit code {code}")
        address = (self.config.host, self.config.port)
        # Redis is for the gateway alone: connecting to it costs every other command 0.2 s.
        gateway = await self.children.launch(
            "gateway",
            *("serve", "--host", address[0], "--port", str(address[1]), "--log-level", "warning"),
            **{f"{PREFIX}REDIS_URL": self.redis_url, f"{PREFIX}DRAIN_SECONDS": "0", **self._told},
        )
        if simulator:
            await simulator
        if self.config.sync and configured_sources(self.config):
            self.say("First sync")
            if code := await self.children.run("first sync", "sync", "run"):
                self.say(f"The first sync ended with exit code {code}; the worker goes on trying")
        await answers(gateway, *address, "/health/ready")
        self.children.keep(gateway)
        if self.config.sync:
            self.children.keep(await self.children.launch("worker", "worker"))

    @property
    def _told(self) -> dict[str, str]:
        """Settings by which the gateway explains requests, as far as nobody has set them and nobody else listens."""
        if self.config.host not in LOOPBACKS:
            return {}
        return {f"{PREFIX}{field.upper()}": "on" for field in TOLD if field not in self.config.model_fields_set}

    async def _start_simulator(self) -> asyncio.Task[None] | None:
        """Start the supplier, unless a real one is named or nobody needs it; the task ends when it answers."""
        if self.config.sources or self.config.supplier_url or not (self.config.sync and self.config.ships):
            return None
        port = free_port(LOOPBACK)
        url = f"http://{LOOPBACK}:{port}"
        child = await self.children.launch("simulator", "simulate", "--host", LOOPBACK, "--port", str(port), "--quiet")
        self.children.environment[f"{PREFIX}SUPPLIER_URL"] = url
        self._simulator_note.write_text(url, encoding="ascii")

        async def ready() -> None:
            await answers(child, LOOPBACK, port, "/canteens.json")
            self.children.keep(child)
            self.say(f"Simulated supplier on {url}")

        return asyncio.create_task(ready())

    @property
    def _simulator_note(self) -> Path:
        return simulator_note(self.config.data_dir)

    async def _watch_stores(self) -> None:
        """Start an embedded server again when it is gone, e.g. because it was adopted and its owner has stopped it."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for server in self.servers:
                if not server.running():
                    self.say(f"{type(server).__name__} is gone; starting it again")
                    server.start()

    async def _stop(self) -> None:
        self._simulator_note.unlink(missing_ok=True)
        await self.children.stop()
        for server in reversed(self.servers):
            server.stop()
