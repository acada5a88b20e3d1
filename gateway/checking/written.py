"""The models that the sync writes."""

from __future__ import annotations

from django.db.models import Model

from sync.targets import installed_targets


def written_models() -> list[type[Model]]:
    """Those of the installed targets, each once; none where the setting leads to none, which is another finding."""
    try:
        targets = installed_targets().targets
    except (ImportError, TypeError):
        return []
    return list(dict.fromkeys(target.model for target in targets))
