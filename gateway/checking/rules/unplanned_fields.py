"""Fields that no plan covers: every operation that selects one goes to the resolvers, and its answer is not kept.

The compiler of plans is asked, field by field.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.probe import Probe
from gateway.checking.project import Project

ADVICE = "declare it as data: a column, a relation, `computed`, `embedded`, `fetched` or `listed` (docs/plans.md)"


def find(project: Project) -> Iterator[Found]:
    """Each field, with the compiler's reason."""
    probe = Probe(project.schema)
    for each in project.fields:
        reason = probe.refusal(each)
        if reason is not None:
            yield Found(each.place, each.label, f"no plan covers it: {reason}", ADVICE)
