"""LARDER_DEBUG where others reach the gateway: stack traces with settings, and SQL to whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.reachable import opened_by
from gateway.config import setting_names


def find(project: Project) -> Iterator[Found]:
    """The setting."""
    opened = opened_by(project.settings)
    if project.settings.debug and opened is not None:
        yield Found(
            project.environment.place("debug"),
            "LARDER_DEBUG",
            f"it is on, and {setting_names(opened)[0]} lets others in: they are shown stack traces, settings and SQL",
            "leave it out where others reach the gateway",
        )
