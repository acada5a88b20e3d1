"""A folder of ``.graphql`` files: each is one document, its id the SHA-256 of the file's text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from persisted_queries.documents import sha256_of
from persisted_queries.manifests.manifest import Entry
from persisted_queries.problems import Problem

NAME = "folder"
SUFFIXES = (".graphql", ".gql")


def read(folder: Path) -> Iterator[Entry | Problem]:
    """The documents of a folder and the folders in it, in the order of their paths."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()):
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError as error:
            yield Problem(str(path.relative_to(folder)), "", "a document is UTF-8 text", str(error))
        except OSError as error:
            yield Problem(str(path.relative_to(folder)), "", "the file can be read", error.strerror or str(error))
        else:
            yield Entry(sha256_of(text), text)
