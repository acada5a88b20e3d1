"""Made-up variables, and what compiling with them saves the first request."""

from __future__ import annotations

import enum
from typing import Any

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse

from loaders.pipelines.lanes import PipelineLanes
from plans.engine import PlanEngine
from plans.operations import Operation, Variant
from plans.samples import sample_variables
from schema.root import schema as shipped

NOWHERE = PipelineLanes("postgresql://nobody@/nowhere?host=/nowhere")


@strawberry.enum
class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


@strawberry.input
class Range:
    least: int
    most: int | None = None


@strawberry.type
class Query:
    @strawberry.field
    def sized(self, size: Size, ranges: list[Range], text: str | None = None, share: float = 0.5) -> str:
        return f"{size} {ranges} {text} {share}"


schema = strawberry.Schema(Query)


def operation_of(text: str) -> OperationDefinitionNode:
    [definition] = parse(text).definitions
    assert isinstance(definition, OperationDefinitionNode)
    return definition


SAMPLES: list[tuple[str, list[dict[str, Any]]]] = [
    ("{ __typename }", [{}]),
    ("query ($size: Size!) { __typename }", [{"size": "SMALL"}]),
    (
        "query ($size: Size = LARGE, $ranges: [Range!]!) { __typename }",
        [{"ranges": [{"least": 1}]}, {"size": "SMALL", "ranges": [{"least": 1}]}],
    ),
    ("query ($text: String, $share: Float) { __typename }", [{}, {"text": "1", "share": 1.0}]),
    ("query ($gone: Nothing!) { __typename }", []),
]


@pytest.mark.parametrize(("text", "samples"), SAMPLES)
def test_variables_that_have_to_be_given_and_all(text: str, samples: list[dict[str, Any]]) -> None:
    assert list(sample_variables(schema, operation_of(text))) == samples


COMPILED = [
    ("{ freshness { source } }", 1),
    ("query ($slug: String!) { location(slug: $slug) { name } }", 1),
    ("query ($id: ID!) { menu(id: $id) { name } }", 1),
    ("query ($ids: [ID!]!) { items(ids: $ids) { name } }", 1),
    ("query ($text: String!, $location: String) { search(text: $text, location: $location) { totalCount } }", 2),
]


@pytest.mark.parametrize(("text", "plans"), COMPILED)
async def test_an_operation_is_compiled_before_it_is_asked_for(text: str, plans: int) -> None:
    engine = PlanEngine(shipped, NOWHERE)
    operation = prepared(engine, text)

    await engine.warm(operation)

    variant = operation.variants.get((), lambda: pytest.fail("it was not compiled"))
    assert isinstance(variant, Variant)
    assert len(variant.plans) == plans
    assert engine.counters.not_compilable == {}


async def test_what_cannot_be_compiled_is_left_for_the_first_request() -> None:
    engine = PlanEngine(shipped, NOWHERE)
    operation = prepared(engine, "query ($after: String!) { locations(after: $after) { totalCount } }")

    await engine.warm(operation)

    assert engine.counters.deopts == {}


def prepared(engine: PlanEngine, text: str) -> Operation:
    return engine.prepare(parse(text), operation_of(text))
