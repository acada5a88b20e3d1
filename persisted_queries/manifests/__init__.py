"""The formats of manifests: each a module with a ``NAME``, ``recognises`` and ``read``, tried in this order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from persisted_queries.manifests import apollo, codegen, folder, relay
from persisted_queries.manifests.decoding import decoded, shown
from persisted_queries.manifests.manifest import Entry, Manifest
from persisted_queries.problems import ManifestRefused, Problem

FORMATS = (apollo, codegen, relay)


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file, or the documents of a folder. Raises ``ManifestRefused`` with every problem."""
    if path.is_dir():
        return gathered(folder.NAME, folder.read(path), str(path))
    try:
        return parse_manifest(path.read_bytes(), str(path))
    except OSError as error:
        raise ManifestRefused([Problem(str(path), "", "the file can be read", error.strerror or str(error))]) from error


def parse_manifest(data: bytes, name: str = "manifest") -> Manifest:
    """The manifest in a JSON text, of whichever format recognises it. Raises ``ManifestRefused``."""
    value = decoded(data, name)
    for known in FORMATS:
        if known.recognises(value):
            return gathered(known.NAME, known.read(value), name)
    raise ManifestRefused(
        [Problem(name, "", f"a manifest has one of the formats {', '.join(f.NAME for f in FORMATS)}", shown(value))]
    )


def gathered(name: str, found: Iterable[Entry | Problem], subject: str) -> Manifest:
    """The manifest of entries without problems."""
    listed = list(found)
    problems = [
        item if item.document else replace(item, document=subject) for item in listed if isinstance(item, Problem)
    ]
    entries = tuple(item for item in listed if isinstance(item, Entry))
    if not listed:
        problems = [Problem(subject, "", "a manifest has documents", "none")]
    if problems:
        raise ManifestRefused(problems)
    return Manifest(name, entries)
