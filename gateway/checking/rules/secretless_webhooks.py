"""Webhooks without a secret: nobody could tell a forged delivery, so the gateway does not start."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project

NAMES = ("secret_env", "secret_file")


def find(project: Project) -> Iterator[Found]:
    """Each source with a webhook that names no secret."""
    for source in project.suppliers.sources:
        if "webhook" in source.declared and not any(source.table("webhook").get(name) for name in NAMES):
            spot = f"{source.spot}.webhook"
            yield Found(
                project.suppliers.place(spot),
                spot,
                "it names no secret, so deliveries could not be told from forged ones",
                "name one: `secret_env` or `secret_file` (docs/suppliers/webhooks.md)",
            )
