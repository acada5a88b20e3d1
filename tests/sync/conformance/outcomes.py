"""What the runs under each fault came to, for people to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.sync.conformance.cases import Case

if TYPE_CHECKING:  # a conftest imports this module before Django is set up
    from sync.runs import RunReport

LENGTH = 160


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of one stream under a fault."""

    kind: str
    fault: str
    stream: str
    state: str
    rows: str
    told: str
    """What the operator reads."""


OUTCOMES = pytest.StashKey[list[Outcome]]()
"""Where a session keeps all of them."""


def outcome(kind: str, case: Case, report: RunReport) -> Outcome:
    """The outcome of ``report``."""
    rows = f"+{report.inserted} ~{report.updated} -{report.deleted}"
    refused = f", {report.quarantined} refused" if report.quarantined else ""
    told = report.error or next((f"{found.rule}: {found.value}" for found in report.problems), "")
    return Outcome(kind, case.name, report.stream, str(report.state), f"{rows}{refused}", timeless(told)[:LENGTH])


def timeless(told: str) -> str:
    """What is told, in one line, less what differs from session to session: instants and ports."""
    told = re.sub(r"\d{4}-\d\d-\d\d[ T][\d:.]+(?:\+00:00|Z| UTC)?", "(an instant)", " ".join(told.split()))
    return re.sub(r"(127\.0\.0\.1):\d+", r"\1", told)


def markdown(outcomes: Sequence[Outcome]) -> str:
    """A table for each kind."""
    lines = []
    for kind in dict.fromkeys(one.kind for one in outcomes):
        lines += [
            f"## {kind}",
            "",
            "| fault | stream | run | rows | what the operator reads |",
            "|---|---|---|---|---|",
        ]
        for one in outcomes:
            if one.kind == kind:
                told = one.told.replace("|", "\\|").replace("<", "&lt;")
                lines.append(f"| {one.fault} | {one.stream} | {one.state} | {one.rows} | {told} |")
        lines.append("")
    return "\n".join(lines)
