"""The build: what else decides about answers, so that only processes of the same one share them."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import distributions
from pathlib import Path

import strawberry


def build_fingerprint(schema: strawberry.Schema) -> bytes:
    """SHA-256 over the printed schema, the versions of what is installed, and the sources of what is not.

    Those sources are the loaded modules of the application, and Larder's own in a checkout.
    """
    found = hashlib.sha256(schema.as_str().encode())
    found.update(sys.version.encode())
    for name, version in sorted({(found.name, found.version) for found in distributions()}):
        found.update(f"\n{name} {version}".encode())
    for path in sorted(source_files()):
        found.update(path.name.encode())
        found.update(path.read_bytes())
    return found.digest()


def source_files() -> set[Path]:
    """The loaded modules' files outside of the interpreter's own folders and of installed packages."""
    foreign = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    found = {Path(file).resolve() for file in files if file and file.endswith(".py")}
    return {path for path in found if path.is_file() and not any(path.is_relative_to(folder) for folder in foreign)}
