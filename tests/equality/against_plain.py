"""Compares the resolver path with the independent evaluation over model instances."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from loaders.lanes import Lanes
from tests.equality.application import Application
from tests.equality.comparing import Reference
from tests.equality.generated import each, operations
from tests.equality.operation import Operation
from tests.equality.pages import with_pages
from tests.equality.plain import Evaluation, Refused, Tables, differing
from tests.equality.stored import Stored
from tests.equality.world import World


@dataclass(slots=True)
class Checked:
    """Operations that were compared: how many both refused, and where the others differ, short ones first."""

    total: int = 0
    refused: int = 0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        shown = sorted(self.differences, key=len)[:3]
        return (
            f"{self.total} operations, {self.refused} refused, {len(self.differences)} differences\n\n"
            + "\n\n".join(shown)
        )


def check(
    application: Application, database_url: str, stored: Stored, tables: Tables, *, count: int, seed: int = 0
) -> Checked:
    """Compare ``count`` generated operations; ``tables`` say what the fields mean."""
    checked = Checked()
    with asyncio.Runner() as runner:
        lanes = Lanes(database_url, count=2)
        runner.run(lanes.open())
        reference = Reference(application, lanes)

        async def ask(operation: Operation) -> Mapping[str, Any] | None:
            data: Mapping[str, Any] | None = (await reference.ask(operation, application.instant)).data
            return data

        stored = runner.run(with_pages(application.schema._schema, stored, ask))
        world = World(application.instant, stored.pages)

        def compare(operation: Operation) -> None:
            answer = runner.run(reference.ask(operation, application.instant))
            checked.total += 1
            try:
                expected = Evaluation(tables, replace(world, viewer=operation.viewer), operation).data()
                at = answer.errors or differing(expected, answer.data)
            except Refused as error:
                checked.refused += 1
                at = None if answer.errors else f"has no error, expected was one: {error}"
            if at:
                checked.differences.append(f"{operation}\n{at}")

        each(operations(application, stored), count, seed, compare)
        runner.run(lanes.close())
    return checked
