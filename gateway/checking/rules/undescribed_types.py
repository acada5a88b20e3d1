"""Types without a description."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project


def find(project: Project) -> Iterator[Found]:
    """Each type that somebody here declares."""
    for name, (kind, definition) in project.types.items():
        if not kind.description:
            yield Found(
                project.type_place(definition),
                name,
                "the type has no description",
                'say in a sentence what it is: `description="…"`',
            )
