"""Where a secret is found.

Secrets are read whenever they are needed, so one that is replaced is used at once. None is kept in a value that could
be printed, and none stands in an error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sync.errors import SettingsError

NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
NOT_SHOWN = "a value that is not shown"


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is found: in a variable of the environment, or in a file."""

    place: str
    variable: str | None
    path: str | None

    @classmethod
    def read(cls, place: str, declared: Mapping[str, Any], prefix: str) -> Self | None:
        """What ``<prefix>_env`` or ``<prefix>_file`` names, without prefix ``env`` or ``file``; None for neither.

        Raises ``SettingsError`` for both at once, and for what names nothing.
        """
        start = f"{prefix}_" if prefix else ""
        variable, path = declared.get(f"{start}env"), declared.get(f"{start}file")
        if variable is None and path is None:
            return None
        if variable is not None and path is not None:
            raise SettingsError(place, f"must hold {start}env or {start}file, not both", f"{start}env, {start}file")
        if variable is not None and not (isinstance(variable, str) and NAME.fullmatch(variable)):
            raise SettingsError(f"{place}.{start}env", "must name a variable in capital letters", NOT_SHOWN)
        if path is not None and not (isinstance(path, str) and path.startswith("/")):
            raise SettingsError(f"{place}.{start}file", "must be the absolute path of a file", NOT_SHOWN)
        return cls(f"{place}.{start}{'env' if path is None else 'file'}", variable, path)

    @classmethod
    def needed(cls, place: str, declared: Mapping[str, Any], prefix: str) -> Self:
        """The same. Raises ``SettingsError`` for neither, too."""
        found = cls.read(place, declared, prefix)
        if found is None:
            names = f"{prefix}_env or {prefix}_file" if prefix else "env or file"
            raise SettingsError(place, f"must hold {names}", ", ".join(declared) or "nothing")
        return found

    def reveal(self) -> bytes:
        """The secret, without white space around it. Raises ``SettingsError`` when it is not there, or empty."""
        if self.variable is not None:
            secret = os.environ.get(self.variable, "").strip().encode()
            rule, shown = "must name a variable that is set and not empty", self.variable
        else:
            secret = contents(self.place, str(self.path)).strip()
            rule, shown = "must be a file that is not empty", str(self.path)
        if not secret:
            raise SettingsError(self.place, rule, shown)
        return secret

    def text(self) -> str:
        """The secret as a header may hold it. Raises ``SettingsError``."""
        try:
            text = self.reveal().decode("ascii")
        except UnicodeDecodeError:
            text = "\0"
        if not text.isprintable():
            raise SettingsError(self.place, "must lead to printable ASCII", NOT_SHOWN)
        return text


def contents(place: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as exc:
        raise SettingsError(place, f"must be a readable file ({exc.strerror})", path) from exc
