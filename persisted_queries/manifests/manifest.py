"""What every manifest becomes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a manifest, under the id that the client sends.

    ``name`` is the operation's name where the manifest tells it; ``client`` the client's name where it does.
    """

    document_id: str
    text: str
    name: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file, or a folder, of documents. ``format`` names how it was written."""

    format: str
    entries: tuple[Entry, ...]
