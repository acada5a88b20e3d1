"""The folder in which the workers of one server leave their numbers for each other.

prometheus_client's own folder of memory-mapped files knows no metric that is read when it is asked for, and every count
through it costs a request more than all of Larder's counting.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gateway.observing.snapshots import Snapshot, merged

FOLDER = "metrics"
LEFT = "left.json"
LOCK = "lock"


def new_folder(data_dir: Path) -> Path:
    """An empty folder for the server that this process starts. Those of servers that are gone are removed."""
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        if left.name.isdigit() and (int(left.name) == os.getpid() or not is_alive(int(left.name))):
            shutil.rmtree(left, ignore_errors=True)
    mine = folder / str(os.getpid())
    mine.mkdir()
    return mine


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_left(pid: int) -> bool:
    """Whether a worker is gone, though another one, this, may have its number."""
    return pid == os.getpid() or not is_alive(pid)


class SharedNumbers:
    """The numbers of every worker in ``folder``, one file each; those of workers that are gone end up in one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Make the folder, and put the numbers of workers that are gone together."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked(fcntl.LOCK_EX):
            gone = [path for path in self._files() if path.name == LEFT or is_left(int(path.stem))]
            if not gone:
                return
            self._write(LEFT, merged([read(path) for path in gone], lambda _pid: False))
            for path in gone:
                if path.name != LEFT:
                    path.unlink()

    def write(self, snapshot: Snapshot) -> None:
        """Leave the numbers of this worker, instead of those that it left before."""
        with self._locked(fcntl.LOCK_SH):
            self._write(f"{snapshot.worker}.json", snapshot)

    def together(self) -> Snapshot:
        """The numbers of all workers as one."""
        with self._locked(fcntl.LOCK_SH):
            return merged([read(path) for path in self._files()], lambda pid: pid != 0 and is_alive(pid))

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.json") if path.name == LEFT or path.stem.isdigit())

    def _write(self, name: str, snapshot: Snapshot) -> None:
        # A worker that is killed while it writes leaves a whole file, an old one.
        written = self.folder / f"{name}.{os.getpid()}.part"
        written.write_bytes(msgspec.json.encode(snapshot))
        written.replace(self.folder / name)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with (self.folder / LOCK).open("a") as lock:
            fcntl.flock(lock, how)
            yield


def read(path: Path) -> Snapshot:
    """What a worker left."""
    return msgspec.json.decode(path.read_bytes(), type=Snapshot)
