"""What another schema would mean, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from persisted_queries.checking import CheckReport, Concern
from persisted_queries.schema_changes import Change


def operation_lines(report: CheckReport) -> Iterator[str]:
    """Each registered operation that breaks or is in danger, then the sums."""
    yield from (str(concern) for concern in sorted(report.told, key=lambda concern: not concern.breaks))
    broken = len(report.broken)
    yield f"{report.operations} operations: {broken} break, {len(report.told) - broken} in danger"


def operations_json(report: CheckReport) -> dict[str, Any]:
    """The same for programs."""
    return {
        "operations": report.operations,
        "breaking": [concern_json(concern) for concern in report.broken],
        "dangerous": [concern_json(concern) for concern in report.told if not concern.breaks],
    }


def concern_json(concern: Concern) -> dict[str, Any]:
    return {
        **operation_json(concern),
        "documentId": concern.document_id,
        "breaking": concern.verdict.breaking,
        "dangerous": concern.verdict.dangerous,
    }


def operation_json(concern: Concern) -> dict[str, Any]:
    return {"client": concern.client, "version": concern.version, "operation": concern.verdict.operation_name}


def change_lines(changes: Sequence[Change], report: CheckReport | None = None) -> Iterator[str]:
    """Each difference, with the registered operations that use what it is about."""
    for change in changes:
        users = report.users(change) if report else ()
        told = f" Used by {', '.join(used_by(concern) for concern in users)}." if users else ""
        yield f"{change.severity}: {change.description}{told}"


def used_by(concern: Concern) -> str:
    return f"{concern.client} {concern.version} {concern.label}"


def changes_json(changes: Sequence[Change], report: CheckReport | None = None) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "severity": change.severity,
            "kind": change.kind,
            "subject": change.subject,
            "description": change.description,
            **({"usedBy": [operation_json(concern) for concern in report.users(change)]} if report else {}),
        }
        for change in changes
    ]
