"""Which registered operations another schema would break, or change the ground under."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from graphql import DocumentNode, GraphQLError, GraphQLSchema, separate_operations, validate

from persisted_queries.examining import located, parsed
from persisted_queries.schema_changes import Change, breaks, changes, touches
from persisted_queries.uses import uses_of

ACTIVE = """
SELECT deployment.client_id, deployment.version, held.sent_id, document.sha256, document.text
FROM larder_deployment AS deployment
JOIN larder_deployment_document AS held ON held.deployment_id = deployment.id
JOIN larder_document AS document ON document.sha256 = held.document_id
WHERE deployment.state = 'active'
ORDER BY deployment.client_id, deployment.id, held.operation_name, held.id
"""
ANY_LENGTH = 2**31

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Active:
    """A document of an active deployment."""

    client: str
    version: str
    document_id: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a schema does to one operation: reasons why it breaks, and changes that may alter what it is answered.

    ``used`` are all breaking and dangerous changes of what the operation uses.
    """

    operation_name: str
    breaking: tuple[str, ...]
    dangerous: tuple[str, ...]
    used: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Concern:
    """A registered operation of one client's version that uses something which a schema changes."""

    client: str
    version: str
    document_id: str
    verdict: Verdict

    def __str__(self) -> str:
        word, reasons = ("breaks", self.verdict.breaking) if self.breaks else ("in danger", self.verdict.dangerous)
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        return f"{self.client} {self.version} {self.label} {word}: {reasons[0]}{more}"

    @property
    def breaks(self) -> bool:
        return bool(self.verdict.breaking)

    @property
    def label(self) -> str:
        """The operation's name; the document's id when it is anonymous."""
        return self.verdict.operation_name or self.document_id


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What came of a check of ``operations`` registered operations. ``changes`` are breaking and dangerous ones."""

    operations: int
    concerns: tuple[Concern, ...]
    changes: tuple[Change, ...]

    @property
    def told(self) -> tuple[Concern, ...]:
        """The operations that break or are in danger; the others merely use something that changed without harm."""
        return tuple(concern for concern in self.concerns if concern.breaks or concern.verdict.dangerous)

    @property
    def broken(self) -> tuple[Concern, ...]:
        return tuple(concern for concern in self.concerns if concern.breaks)

    def users(self, change: Change) -> tuple[Concern, ...]:
        """The operations that use what a change is about."""
        return tuple(concern for concern in self.concerns if change in concern.verdict.used)


async def check(connection: Connection, old: GraphQLSchema, new: GraphQLSchema) -> CheckReport:
    """Compare every operation of every active deployment with a schema that shall replace another."""
    rows = await (await connection.execute(ACTIVE)).fetchall()
    return await asyncio.to_thread(checked, [Active(*row) for row in rows], old, new)


def checked(documents: Sequence[Active], old: GraphQLSchema, new: GraphQLSchema) -> CheckReport:
    """The report on documents, client by client and version by version."""
    found = tuple(change for change in changes(old, new) if change.severity != "safe")
    verdicts: dict[str, tuple[Verdict, ...]] = {}
    concerns: list[Concern] = []
    operations = 0
    for document in documents:
        if document.sha256 not in verdicts:
            verdicts[document.sha256] = tuple(verdicts_on(document.text, old, new, found))
        operations += len(verdicts[document.sha256])
        concerns += (
            Concern(document.client, document.version, document.document_id, verdict)
            for verdict in verdicts[document.sha256]
            if verdict.breaking or verdict.used
        )
    return CheckReport(operations, tuple(concerns), found)


def verdicts_on(text: str, old: GraphQLSchema, new: GraphQLSchema, found: Iterable[Change]) -> Iterator[Verdict]:
    """The verdict on each operation of a document."""
    try:
        operations = separate_operations(parsed(text, ANY_LENGTH))
    except (GraphQLError, RecursionError) as error:
        yield Verdict("", (f"does not parse: {error}",), (), ())
        return
    for name, operation in operations.items():
        yield verdict_on(name, operation, old, new, found)


def verdict_on(
    name: str, operation: DocumentNode, old: GraphQLSchema, new: GraphQLSchema, found: Iterable[Change]
) -> Verdict:
    """What becomes of one operation. Changes are looked at only where it was valid before."""
    errors = [located(error) for error in validate(new, operation)]
    if validate(old, operation):
        return Verdict(name, tuple(errors), (), ())
    uses = uses_of(operation, old)
    used = tuple(change for change in found if touches(change, uses))
    unseen = [change.description for change in used if breaks(change, uses)]
    dangerous = tuple(change.description for change in used if change.severity == "dangerous")
    return Verdict(name, tuple(errors or unseen), dangerous, used)
