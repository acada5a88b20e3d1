"""Schema extensions that plans must not pass by: every operation goes to the resolvers."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from plans.extensions import passed_by


def find(project: Project) -> Iterator[Found]:
    """Each extension, where the schema is made."""
    for extension in project.schema.get_extensions():
        if not passed_by(extension):
            yield Found(
                project.place,
                type(extension).__name__,
                "no plan may pass by this schema extension: resolvers answer every operation",
                "leave it out, or give it `transparent = True` if operations without it are answered the same",
            )
