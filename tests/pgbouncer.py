"""A PgBouncer of the tests' own, in transaction mode: every transaction may get another session of the server."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from gateway.embedded.account import server_account

BINARY = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
PORT = 6432
START_SECONDS = 20

needs_pgbouncer = pytest.mark.skipif(BINARY is None, reason="pgbouncer is not installed")

CONFIGURATION = """\
[databases]
* = {server}

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 500
server_round_robin = 1
logfile = {folder}/log
pidfile = {folder}/pid
"""


@contextmanager
def pgbouncer(database_url: str, *, pool_size: int = 4) -> Iterator[str]:
    """Address of the database behind PgBouncer, which takes its ``pool_size`` sessions in turn, so none is kept.

    It accepts no startup parameter but PgBouncer's own few: whoever sends ``options`` is refused.
    """
    given = conninfo_to_dict(database_url)
    server = {key: given[key] for key in ("host", "port", "user", "password") if given.get(key)}
    host = Path(str(server.get("host", "")))
    account = server_account(host if host.is_absolute() else Path("/nowhere"))
    folder = Path(tempfile.mkdtemp(prefix="larder-pgbouncer-", dir="/tmp"))
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        CONFIGURATION.format(
            server=" ".join(f"{key}={value}" for key, value in server.items()),
            port=PORT,
            folder=folder,
            pool_size=pool_size,
        )
    )
    account.give(folder)
    process = subprocess.Popen(
        [str(BINARY), "-q", str(configuration)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **account.popen_options(),
    )
    try:
        user, database = quote(str(given.get("user", ""))), quote(str(given.get("dbname", "")))
        url = f"postgresql://{user}@/{database}?host={quote(str(folder), safe='/')}&port={PORT}"
        _wait(process, url, folder / "log")
        yield url
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, autocommit=True).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text() if log.exists() else ""
                raise RuntimeError(f"pgbouncer does not start: {error} {said}") from error
            time.sleep(0.02)
        else:
            return
