"""Settings that tell everybody how requests are executed, where others reach the gateway."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.reachable import opened_by
from gateway.config import setting_names
from gateway.scopes.access import ON

TOLD = {
    "plan_explain": "the SQL of every request",
    "cost_extension": "the cost of every request",
    "server_timing": "how long every part of a request takes",
    "metrics": "the metrics of the gateway",
}
"""Field of ``Config`` -> what it tells."""


def find(project: Project) -> Iterator[Found]:
    """Each setting that is made so; those that follow from LARDER_DEBUG are its own."""
    settings = project.settings
    opened = opened_by(settings)
    for field, told in TOLD.items() if opened is not None else ():
        if field in settings.model_fields_set and getattr(settings, field) in (ON, True):
            name = setting_names(field)[0]
            yield Found(
                project.environment.place(field),
                name,
                f"anybody is told {told}",
                "`scope`, `loopback` or `off`" if field == "metrics" else "`off`, or a scope where it takes one",
            )
