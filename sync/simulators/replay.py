"""A recorded supplier: folders of publications laid over one another.

A recording is a folder with ``index.json``, a list of ``{step, published_at, changed[], deleted[]}``, and one folder
per step that holds the files of ``changed``. What is served at step *n* is the overlay of all folders up to *n*, less
what they delete.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from sync.simulators.errors import RecordingUnreadable, StepUnknown
from sync.simulators.http import Document

STOCK = b"[]\n"


class Publication(msgspec.Struct, frozen=True):
    """One entry of a recording's index. ``step`` names its folder."""

    step: str
    published_at: datetime
    changed: list[str] = []
    deleted: list[str] = []


class Replay:
    """The supply of a recording at one of its steps. Raises RecordingUnreadable when it is none."""

    def __init__(self, folder: Path, step: int = 0) -> None:
        self._folder = folder
        try:
            self._publications = msgspec.json.decode((folder / "index.json").read_bytes(), type=list[Publication])
        except (OSError, msgspec.DecodeError) as exc:
            raise RecordingUnreadable(folder, exc) from exc
        self._documents: dict[str, Document] = {}
        self.step = -1
        self.move(step)

    def move(self, step: int) -> None:
        """Serve what publication ``step`` (from 0) left. Raises StepUnknown when there is none."""
        if not 0 <= step < len(self._publications):
            raise StepUnknown(step, len(self._publications))
        if step < self.step:
            self._documents, self.step = {}, -1
        for publication in self._publications[self.step + 1 : step + 1]:
            self._lay(publication)
        self.step = step

    def document(self, path: str) -> Document | None:
        """What is published under ``path`` (no leading slash). A recording knows no stock: an empty list."""
        if path == "stock.json" and path not in self._documents:
            return Document(STOCK, self.now())
        return self._documents.get(path)

    def now(self) -> datetime:
        """When the publication was made (UTC)."""
        return self._publications[self.step].published_at.astimezone(UTC)

    def describe(self) -> dict[str, Any]:
        return {"mode": "replay", "step": self.step, "steps": len(self._publications)}

    def _lay(self, publication: Publication) -> None:
        for path in publication.changed:
            try:
                body = (self._folder / publication.step / path).read_bytes()
            except OSError as exc:
                raise RecordingUnreadable(self._folder, exc) from exc
            self._documents[path] = Document(body, publication.published_at)
        for path in publication.deleted:
            self._documents.pop(path, None)
