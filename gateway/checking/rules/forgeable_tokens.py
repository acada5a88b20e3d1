"""Keys of tokens that are read over http: whoever is on the way puts in keys of their own, and is anybody."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.suppliers import readable_on_the_way


def find(project: Project) -> Iterator[Found]:
    """The setting."""
    if readable_on_the_way(project.settings.jwks_url):
        yield Found(
            project.environment.place("jwks_url"),
            "LARDER_JWKS_URL",
            "the keys that verify tokens are read without encryption: who changes them on the way is believed",
            "use https://",
        )
