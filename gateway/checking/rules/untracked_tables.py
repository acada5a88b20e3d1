"""Tables that are read and whose changes move no head: what depends on them is not kept.

``gateway.delivery.checks`` says the same, under the same code, when Django checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.delivery.tables import untracked


def find(project: Project) -> Iterator[Found]:
    """Each table, where its model is declared."""
    if project.connection is None or any(read.broken for read in project.reads):
        return
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for each in untracked(project.graphql, project.connection.cursor()):
        place = project.model_place(models[each.table]) if each.table in models else project.place
        advice = (
            "run `larder track-heads make`, then `larder migrate`"
            if each.trackable
            else "a view or a foreign table cannot be tracked: read the tables behind it"
        )
        message = f"{each.field} reads it, and its changes move no head: answers with it are not kept"
        yield Found(place, each.table, message, advice)
