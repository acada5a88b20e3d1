"""An admin that answers under every name: links that it makes lead where a request's Host says."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project


def find(project: Project) -> Iterator[Found]:
    """The setting."""
    if "*" in project.settings.allowed_hosts:
        yield Found(
            project.environment.place("allowed_hosts"),
            "LARDER_ALLOWED_HOSTS",
            "the admin answers under every name that a request gives it",
            "name the hosts",
        )
