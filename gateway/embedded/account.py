"""The operating system account that the embedded PostgreSQL runs under. PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import EmbeddedServerError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """An account, and whether this process has to switch to it."""

    uid: int
    gid: int
    name: str
    switched: bool

    def popen_options(self) -> dict[str, Any]:
        """Arguments for ``subprocess`` that start a process under the account, in a folder it can enter."""
        if not self.switched:
            return {"cwd": "/"}
        environment = {**os.environ, "HOME": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": [], "env": environment}

    def can_enter(self, folder: Path) -> bool:
        """Whether a process of the account can reach ``folder``; asked of the kernel, which knows ACLs and mounts."""
        if not self.switched:
            return True
        entered = subprocess.run(
            ["/bin/sh", "-c", 'cd "$0"', str(folder)],
            stderr=subprocess.DEVNULL,
            check=False,
            **self.popen_options(),
        )
        return entered.returncode == 0

    def give(self, folder: Path) -> None:
        """Make ``folder`` private to the account."""
        folder.chmod(0o700)
        if self.switched:
            os.chown(folder, self.uid, self.gid)


def own_account() -> Account:
    """The account that this process runs under."""
    return Account(os.geteuid(), os.getegid(), account_name(os.geteuid()), switched=False)


def server_account(data: Path) -> Account:
    """The account that can run PostgreSQL over ``data``: this one, or for root the owner of ``data``, else nobody."""
    if os.geteuid() != 0:
        return own_account()
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, account_name(owner.st_uid), switched=True)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as exc:
        raise EmbeddedServerError(
            f"the embedded PostgreSQL cannot run as root, and there is no account {UNPRIVILEGED!r}; "
            "run as an ordinary user or set LARDER_DATABASE_URL"
        ) from exc
    return Account(entry.pw_uid, entry.pw_gid, UNPRIVILEGED, switched=True)


def account_name(uid: int) -> str:
    """The account's name, or its number when it has none, as in many containers."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
