"""The embedded PostgreSQL: started, adopted, killed, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from gateway.embedded.account import server_account
from gateway.embedded.places import SHARED_ROOT, short_hash, socket_folder
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.postmaster import Postmaster, read_postmaster
from gateway.errors import EmbeddedServerError

ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who runs PostgreSQL under another account")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, where a child can die with its parent")


@contextmanager
def running(data: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def postmaster(server: EmbeddedPostgres) -> Postmaster:
    found = read_postmaster(server.cluster)
    assert found is not None
    return found


def ask(server: EmbeddedPostgres, statement: str) -> str:
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return str(row[0])


def remember(server: EmbeddedPostgres, word: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS remembered (word text)")
        connection.execute("INSERT INTO remembered VALUES (%s)", [word])


def gone(process_id: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_it_listens_on_a_private_socket_alone(data: Path) -> None:
    with running(data) as server:
        assert ask(server, "SHOW listen_addresses") == ""
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SHOW shared_preload_libraries") == "pg_stat_statements"
        assert socket_folder("postgres", data).stat().st_mode & 0o777 == 0o700
        assert server.cluster.stat().st_mode & 0o077 == 0


def test_what_was_written_is_there_after_a_restart(data: Path) -> None:
    with running(data) as server:
        remember(server, "soup")

    assert not server.running()
    assert not socket_folder("postgres", data).exists()
    with running(data) as server:
        assert ask(server, "SELECT word FROM remembered") == "soup"


def test_a_server_that_runs_is_adopted_and_left_to_its_owner(data: Path) -> None:
    with running(data) as owner:
        with running(data) as guest:
            assert (owner.adopted, guest.adopted) == (False, True)
            assert ask(guest, "SELECT 1") == "1"

        assert owner.running()
        assert guest.running()


def test_a_killed_server_does_not_block_the_next(data: Path) -> None:
    with running(data) as server:
        remember(server, "soup")
        os.kill(postmaster(server).pid, signal.SIGKILL)
        assert gone(postmaster(server).pid)

        with running(data) as following:
            assert not following.adopted
            assert ask(following, "SELECT word FROM remembered") == "soup"


def test_a_stranger_with_the_pid_of_a_killed_server_does_not_block_the_next(data: Path) -> None:
    with running(data) as server:
        killed = postmaster(server).pid
        os.kill(killed, signal.SIGKILL)
        assert gone(killed)
        stranger = subprocess.Popen(["sleep", "60"], **server_account(server.cluster).popen_options())
        for lock in (server.cluster / "postmaster.pid", socket_folder("postgres", data) / ".s.PGSQL.5432.lock"):
            lock.write_text(lock.read_text().replace(str(killed), str(stranger.pid), 1))

        try:
            with running(data) as following:
                assert not following.adopted
                assert ask(following, "SELECT 1") == "1"
        finally:
            stranger.kill()
            stranger.wait()


@on_linux
def test_it_dies_with_a_killed_parent(data: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from gateway.embedded.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start(); print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, data], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        found = read_postmaster(data / "postgres")
        assert found is not None

        parent.kill()

    with running(data) as server:
        assert not server.adopted
        assert gone(found.pid)


def test_an_interrupted_initialisation_is_begun_again(data: Path) -> None:
    (data / "postgres" / "unfinished").mkdir(parents=True)
    (data / "postgres" / "base").mkdir()

    with running(data) as server:
        assert ask(server, "SELECT 1") == "1"


@as_root
def test_where_its_account_cannot_enter_its_files_are_elsewhere(data: Path) -> None:
    private = data / "private"
    private.mkdir(mode=0o700)
    place = SHARED_ROOT / f"larder-postgres-{short_hash(private / 'larder')}"

    with running(private / "larder") as server:
        assert server.cluster == place
        assert (private / "larder" / "postgres").readlink() == place
        assert place.stat().st_mode & 0o077 == 0
        assert place.stat().st_uid == server_account(private / "larder" / "postgres").uid != 0
        remember(server, "soup")

    with running(private / "larder") as server:
        assert ask(server, "SELECT word FROM remembered") == "soup"


@as_root
def test_files_elsewhere_go_with_the_data_folder_they_belonged_to(data: Path) -> None:
    private = data / "private"
    private.mkdir(mode=0o700)
    with running(private / "larder") as server:
        remember(server, "soup")
    (private / "larder" / "postgres").unlink()

    with running(private / "larder") as server:
        assert ask(server, "SELECT count(*) FROM pg_tables WHERE tablename = 'remembered'") == "0"


def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    server = EmbeddedPostgres(data, {"shared_buffers": "plenty"})

    with pytest.raises(EmbeddedServerError, match='FATAL:  invalid value for parameter "shared_buffers": "plenty"'):
        server.start()
