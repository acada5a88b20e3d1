"""Hypothesis strategies for operations: our own, and hypothesis-graphql's over the schema as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphql import StringValueNode, ValueNode
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries

from tests.equality.application import Application
from tests.equality.choices import Choices
from tests.equality.operation import Operation
from tests.equality.stored import Stored
from tests.equality.writing import Writer


@st.composite
def operations(draw: st.DrawFn, application: Application, stored: Stored) -> Operation:
    """Operations over the application's schema that ask for what is stored."""
    return Writer(application, stored, Choices(draw(st.randoms(use_true_random=True)))).operation()


def foreign_operations(sdl: str, stored: Stored, scalars: list[str]) -> st.SearchStrategy[Operation]:
    """hypothesis-graphql's operations over the schema ``sdl``; ``scalars``: its custom scalars."""
    strategies: Mapping[str, st.SearchStrategy[ValueNode]] = {
        name: st.sampled_from([StringValueNode(value=str(value)) for value in stored.values[name]])
        for name in scalars
        if stored.values.get(name)
    }
    return queries(sdl, custom_scalars=strategies).map(Operation)


def each(strategy: st.SearchStrategy[Operation], count: int, number: int, run: Callable[[Operation], None]) -> None:
    """Run ``count`` operations, always the same ones for the same seed ``number``."""

    @seed(number)
    @settings(
        max_examples=max(1, count),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def generated(operation: Operation) -> None:
        run(operation)

    if count:
        generated()
