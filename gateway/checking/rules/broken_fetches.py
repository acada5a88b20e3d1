"""Fetches whose SQL cannot be built: every operation that needs one fails."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project


def find(project: Project) -> Iterator[Found]:
    """Each fetch or listing, with the error."""
    for read in project.reads:
        if read.broken is not None:
            yield Found(
                read.place,
                read.name,
                f"its SQL cannot be built: {read.broken}",
                "mend it: every operation that needs it fails",
            )
