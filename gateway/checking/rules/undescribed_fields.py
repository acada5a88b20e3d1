"""Fields without a description."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project


def find(project: Project) -> Iterator[Found]:
    """Each field of a type or an input."""
    for each in project.fields:
        if not each.field.description:
            yield Found(
                each.place,
                each.label,
                "the field has no description",
                'say in a sentence what it is: `column("…")`, `description="…"`',
            )
