"""One comparison from the empty store to the tally, in one event loop."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from graphql import is_scalar_type, is_specified_scalar_type

from loaders.lanes import Lanes
from tests.equality.application import Application
from tests.equality.candidates import reference_itself
from tests.equality.comparing import Candidate, Comparison, Reference
from tests.equality.generated import each, foreign_operations, operations
from tests.equality.operation import Operation
from tests.equality.pages import with_pages
from tests.equality.shrinking import shrunk
from tests.equality.stored import Stored
from tests.equality.tally import Difference, Tally

FOREIGN = 8
"""One operation of so many comes from hypothesis-graphql."""
SHOWN = 3

MakeCandidate = Callable[[Application, str, Reference], AbstractAsyncContextManager[Candidate]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tallies by source of the operations, some differences made small, reasons why operations were left."""

    tallies: Mapping[str, Tally]
    smallest: list[Difference]
    reasons: Mapping[str, Mapping[str, int]]

    @property
    def differences(self) -> list[Difference]:
        """Every difference, that of the shortest operation first."""
        found = [difference for tally in self.tallies.values() for difference in tally.differences]
        return sorted(found, key=lambda difference: len(difference.operation.document))

    @property
    def planned(self) -> float:
        """Share of our own operations without an error that the candidate answered, in percent.

        Those of hypothesis-graphql select the fields that only the resolver path serves as often as any other.
        """
        return self.tallies["own"].planned

    def __str__(self) -> str:
        total = sum(tally.total for tally in self.tallies.values())
        head = f"{total} operations, {len(self.differences)} differences"
        lines = [
            f"{head}, {self.planned:.1f} % of our own without errors answered by the candidate",
            *(f"  {source}: {tally}" for source, tally in self.tallies.items()),
        ]
        for name, counter in self.reasons.items():
            lines += [f"  {name}, {number} times: {reason}" for reason, number in Counter(counter).most_common()]
        return "\n\n".join(["\n".join(lines), *map(str, self.smallest)])


def compare(
    application: Application,
    database_url: str,
    stored: Stored,
    *,
    count: int,
    seed: int = 0,
    candidate: MakeCandidate = reference_itself,
) -> Outcome:
    """Compare ``count`` generated operations over the rows in the store, in an event loop of its own."""
    logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)
    with asyncio.Runner() as runner:
        lanes = Lanes(database_url, count=2)
        runner.run(lanes.open())
        reference = Reference(application, lanes)
        made = candidate(application, database_url, reference)
        comparison = Comparison(reference, runner.run(made.__aenter__()), application.instant)
        try:
            tallies = generate(application, runner, comparison, stored, count, seed)
            outcome = Outcome(tallies, [], reasons(comparison.candidate))
            for found in outcome.differences[:SHOWN]:
                outcome.smallest.append(runner.run(smaller(application, comparison, found)))
            return outcome
        finally:
            runner.run(made.__aexit__(None, None, None))
            runner.run(lanes.close())


def generate(
    application: Application, runner: asyncio.Runner, comparison: Comparison, stored: Stored, count: int, seed: int
) -> Mapping[str, Tally]:
    """Generate and compare: our own operations, then hypothesis-graphql's."""
    schema = application.schema._schema

    async def ask(operation: Operation) -> Mapping[str, Any] | None:
        data: Mapping[str, Any] | None = (await comparison.reference.ask(operation, application.instant)).data
        return data

    own, foreign = Tally(), Tally()
    stored = runner.run(with_pages(schema, stored, ask))
    strategy = operations(application, stored)
    each(strategy, count - count // FOREIGN, seed, lambda operation: runner.run(comparison.run(operation, own)))
    scalars = [
        name for name, kind in schema.type_map.items() if is_scalar_type(kind) and not is_specified_scalar_type(kind)
    ]
    strategy = foreign_operations(application.schema.as_str(), stored, scalars)
    each(strategy, count // FOREIGN, seed, lambda operation: runner.run(comparison.run(operation, foreign)))
    return {"own": own, "hypothesis-graphql": foreign}


async def smaller(application: Application, comparison: Comparison, found: Difference) -> Difference:
    """The same difference, shown by a smaller operation."""

    async def differs(operation: Operation) -> bool:
        return await comparison.difference(operation) is not None

    operation = await shrunk(application.schema._schema, found.operation, differs)
    return await comparison.difference(operation) or found


def reasons(candidate: Candidate) -> Mapping[str, Mapping[str, int]]:
    """The candidate's own counts of why it left operations to the reference, if it has any."""
    counters = getattr(candidate, "counters", None)
    return {name: dict(getattr(counters, name)) for name in ("not_compilable", "deopts") if hasattr(counters, name)}
