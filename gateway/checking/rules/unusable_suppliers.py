"""Sources and targets that cannot be used: their runs fail, or the gateway does not start."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.suppliers import Suppliers
from sync.errors import SettingsError
from sync.targets import installed_targets

ADVICE = "mend it; `larder sync check` tries the file on its suppliers"


def find(project: Project) -> Iterator[Found]:
    """The file as a whole, else each source with the first thing that is wrong with it; and LARDER_TARGETS."""
    suppliers = project.suppliers
    if suppliers.path is not None and suppliers.error is not None:
        yield refused(suppliers, suppliers.error)
    for source in suppliers.sources:
        if source.error is not None:
            yield refused(suppliers, source.error)
    try:
        installed_targets()
    except (ImportError, TypeError) as error:
        yield Found(
            project.environment.place("targets"),
            "LARDER_TARGETS",
            f"it leads to no targets: {' '.join(str(error).split())}",
            "name a `TargetSet` as package.module.NAME",
        )


def refused(suppliers: Suppliers, error: SettingsError) -> Found:
    """What a reader of sources refuses. The value is not shown: it may be a secret at the wrong place."""
    return Found(suppliers.place(error.place), error.place, error.rule, ADVICE)
