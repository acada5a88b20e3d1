"""What was found, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from gateway.checking.findings import Finding, Level
from gateway.checking.project import Project
from gateway.checking.registry import RULES, Rule


@dataclass(frozen=True, slots=True)
class Report:
    """The findings by file and line. indexes: who told of them. unchecked: rules for which no store answered."""

    findings: tuple[Finding, ...]
    indexes: str
    unchecked: tuple[Rule, ...] = ()

    def count(self, level: Level) -> int:
        """How many findings have the level."""
        return sum(finding.level is level for finding in self.findings)

    def fails(self, *, strict: bool) -> bool:
        """Whether there is an error; when strict, or a warning."""
        return bool(self.findings) if strict else self.count(Level.ERROR) > 0

    def lines(self) -> Iterator[str]:
        """For a terminal: grouped by file."""
        for file, found in groupby(self.findings, lambda finding: finding.file):
            yield file
            for finding in found:
                line = "-" if finding.line is None else str(finding.line)
                yield f"  {line:>5}  {finding.level:<7}  {finding.code}  {finding.name}: {finding.message}"
                yield f"         {finding.advice}"
            yield ""
        for rule in self.unchecked:
            yield f"not checked, for no store answers: {rule.code}, {rule.what}"
        errors, warnings = self.count(Level.ERROR), self.count(Level.WARNING)
        yield f"{counted(errors, 'error')}, {counted(warnings, 'warning')}; indexes {self.indexes}"

    def payload(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "findings": [asdict(finding) for finding in self.findings],
            "errors": self.count(Level.ERROR),
            "warnings": self.count(Level.WARNING),
            "indexes": self.indexes,
            "unchecked": [rule.code for rule in self.unchecked],
        }


def check(project: Project, ignored: Iterable[str] = ()) -> Report:
    """Every rule over the project. ignored: codes of rules that are left out."""
    rules = [rule for rule in RULES if rule.code not in set(ignored)]
    checked = [rule for rule in rules if project.connection is not None or not rule.needs_store]
    found = [finding for rule in checked for finding in rule.findings(project)]
    found.sort(key=lambda one: (one.file, one.line or 0, one.code, one.name))
    return Report(tuple(found), project.indexes.by, tuple(rule for rule in rules if rule not in checked))


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
