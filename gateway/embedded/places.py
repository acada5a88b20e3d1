"""Folders that the embedded servers use outside the data folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

from gateway.embedded.account import Account
from gateway.errors import EmbeddedServerError

# Not tempfile.gettempdir(): the path must be the same in every shell, and a socket's path must stay below 104 bytes.
SOCKET_ROOT = Path("/tmp")  # noqa: S108 - see above; the folders below are private and checked
SHARED_ROOT = Path("/var/tmp")  # noqa: S108 - must outlive a reboot; the folders below are private and checked


def short_hash(path: Path) -> str:
    """Twelve hexadecimal digits that stand for ``path``."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def socket_folder(server: str, data_dir: Path) -> Path:
    """Where ``server`` (postgres, valkey) over ``data_dir`` has its socket, whether it runs or not."""
    return SOCKET_ROOT / f"larder-{server}-{short_hash(data_dir)}"


def make_socket_folder(folder: Path, account: Account) -> None:
    """Make ``folder`` anew, empty and private to ``account``."""
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in {account.uid, os.geteuid()}):
        raise EmbeddedServerError(f"{folder} belongs to somebody else: remove it")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    account.give(folder)


def cluster_folder(data_dir: Path, account: Account) -> Path:
    """Where PostgreSQL's files for ``data_dir`` are: in it, if ``account`` can get there.

    Otherwise a private folder under /var/tmp, to which ``data_dir``/postgres is a link. Without that link what lies
    there was left by a data folder that has been deleted since, and goes too.
    """
    inside = data_dir / "postgres"
    if inside.is_symlink():
        place = inside.readlink()
    elif account.can_enter(data_dir):
        return inside
    elif inside.exists():
        raise EmbeddedServerError(
            f"account {account.name!r} cannot enter {data_dir}: open its parents (chmod o+x) or delete {inside}"
        )
    else:
        place = SHARED_ROOT / f"larder-postgres-{short_hash(data_dir)}"
        shutil.rmtree(place, ignore_errors=True)
        inside.symlink_to(place)
    if not place.exists():
        place.mkdir(mode=0o700)
        account.give(place)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise EmbeddedServerError(f"{place} belongs to somebody else: remove it and {inside}")
    return place
