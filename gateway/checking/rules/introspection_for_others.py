"""Introspection for everybody where others reach the gateway."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.reachable import opened_by
from gateway.config import setting_names
from gateway.scopes.access import ON


def find(project: Project) -> Iterator[Found]:
    """The setting; where it is not made, the one that lets others in."""
    settings = project.settings
    opened = opened_by(settings)
    if settings.introspection == ON and opened is not None:
        made = "introspection" if "introspection" in settings.model_fields_set else opened
        yield Found(
            project.environment.place(made),
            "LARDER_INTROSPECTION",
            f"it is on, and {setting_names(opened)[0]} lets others in: anybody may read the whole schema",
            "`off`, or a scope such as `scope:larder:introspect`",
        )
