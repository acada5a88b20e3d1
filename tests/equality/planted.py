"""Candidates with a bug planted in them, to prove that the comparison finds such a bug."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    NameNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    visit,
)

from loaders.viewer import ANONYMOUS, Viewer
from tests.equality.application import Application
from tests.equality.comparing import Candidate, Reference
from tests.equality.session import MakeCandidate
from tests.equality.shrinking import trimmed

Change = Callable[[FieldNode, str], FieldNode | None]
MANY = 4


class Changes(Visitor):
    """Applies ``change`` to each field with the name of the type that it is selected on."""

    def __init__(self, types: TypeInfo, change: Change) -> None:
        super().__init__()
        self.types = types
        self.change = change

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        parent = self.types.get_parent_type()
        return self.change(node, parent.name) if parent else None


def swapped(on: str, field: str, other: str) -> Change:
    """The leaf ``field`` has the value of ``other``."""

    def change(node: FieldNode, parent: str) -> FieldNode | None:
        if (parent, node.name.value) != (on, field):
            return None
        return FieldNode(
            alias=node.alias or NameNode(value=field),
            name=NameNode(value=other),
            arguments=node.arguments,
            directives=node.directives,
            selection_set=None,
        )

    return change


def ignored(on: str, field: str, argument: str) -> Change:
    """The argument of a field counts for nothing."""

    def change(node: FieldNode, parent: str) -> FieldNode | None:
        given = node.arguments or ()
        kept = tuple(found for found in given if found.name.value != argument)
        if (parent, node.name.value) != (on, field) or len(kept) == len(given):
            return None
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=kept,
            directives=node.directives,
            selection_set=node.selection_set,
        )

    return change


def lost(data: Any) -> Any:
    """The last row of every list of four objects or more is missing."""
    if isinstance(data, dict):
        return {key: lost(value) for key, value in data.items()}
    if isinstance(data, list):
        rows = data[:-1] if len(data) >= MANY and isinstance(data[-1], dict) else data
        return [lost(value) for value in rows]
    return data


@dataclass(frozen=True, slots=True)
class Planted:
    """``candidate`` with changed operations and changed answers."""

    schema: GraphQLSchema
    candidate: Candidate
    change: Change | None
    damage: Callable[[Any], Any] | None
    viewers_mixed_up: bool = False

    async def answer(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        instant: datetime | None = None,
        viewer: Viewer = ANONYMOUS,
    ) -> bytes | None:
        """The candidate's answer, spoilt."""
        document = parse(query, no_location=True)
        if self.change is not None:
            types = TypeInfo(self.schema)
            document = visit(document, TypeInfoVisitor(types, Changes(types, self.change)))
        seen = ANONYMOUS if self.viewers_mixed_up else viewer
        body = await self.candidate.answer(text(document), variables, operation_name, instant=instant, viewer=seen)
        return body if body is None or self.damage is None else orjson.dumps(self.damage(orjson.loads(body)))


def text(document: DocumentNode) -> str:
    """The document without the variables that nothing uses any more."""
    return trimmed(document)


def planting(
    change: Change | None = None,
    damage: Callable[[Any], Any] | None = None,
    *,
    within: MakeCandidate,
    viewers_mixed_up: bool = False,
) -> MakeCandidate:
    """The candidate ``within``, with a bug."""

    @asynccontextmanager
    async def make(application: Application, database_url: str, reference: Reference) -> AsyncIterator[Candidate]:
        async with within(application, database_url, reference) as candidate:
            yield Planted(application.schema._schema, candidate, change, damage, viewers_mixed_up)

    return make
