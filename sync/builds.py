"""The code that turns what suppliers say into rows, as a fingerprint: what another build read has to be read again."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from sync.targets import TargetSet


def mapping_fingerprint(targets: TargetSet) -> bytes:
    """SHA-256 over the sources of the sync and of the packages of ``targets``, and the versions of what is installed.

    They are read once per process.
    """
    return fingerprint(frozenset(packages(targets)))


@cache
def fingerprint(packages: frozenset[str]) -> bytes:
    """The same of loaded top-level packages."""
    found = hashlib.sha256(sys.version.encode())
    for name, version in sorted({(found.name, found.version) for found in distributions()}):
        found.update(f"\n{name} {version}".encode())
    for path in sorted({path for name in packages for path in sources(name)}):
        found.update(path.name.encode())
        found.update(path.read_bytes())
    return found.digest()


def packages(targets: TargetSet) -> set[str]:
    """Top-level packages whose code decides about rows."""
    named = {name for target in targets.targets for name in (target.row.__module__, target.model.__module__)}
    return {name.partition(".")[0] for name in [__name__, *named]}


def sources(package: str) -> list[Path]:
    """The Python files of a loaded package, or of a module that is none."""
    file = getattr(sys.modules[package], "__file__", None)
    if file is None:
        return []
    path = Path(file)
    return list(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
