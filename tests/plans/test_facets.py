"""Facets in both executors: the right rows for every viewer, shared by those who do not differ in what is read."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from loaders.context import OperationContext
from loaders.session import ReadSession
from loaders.viewer import ANONYMOUS, Viewer
from plans.facets import ViewerReads, viewer_reads
from schema.root import schema as shipped
from tests.library.schema import schema as library_schema
from tests.pantry import Pantry, stocked, storefront
from tests.plans.planning import Gate, Planning, eventually, planning

PRICES = """
query ($slug: String!) {
  location(slug: $slug) { menus { sections { items { name price { audience money { amount } } } } } }
}
"""
PRICE_STATEMENTS = 5
PUBLIC = "query ($slug: String!) { location(slug: $slug) { slug menus { sections { items { prices { id } } } } } }"
HAND = """
{ toHand(first: 3) {
    totalCount edges { cursor node { title homeCopy { shelfmark } } } pageInfo { endCursor hasNextPage }
  }
  categories { toHand(first: 2) { totalCount nodes { title } } } }
"""


def of(audience: str, **other: str) -> Viewer:
    return Viewer(f"a {audience}", facets={"audience": audience, **other})


async def reference(made: Planning, query: str, viewer: Viewer, **variables: Any) -> bytes:
    async with ReadSession(made.lanes) as session:
        result = await made.engine.schema.execute(
            query, variable_values=variables, context_value=OperationContext(session, viewer=viewer)
        )
    assert not result.errors, result.errors
    return orjson.dumps({"data": result.data})


def audiences(body: bytes | None) -> set[str | None]:
    [menu] = orjson.loads(body or b"")["data"]["location"]["menus"]
    return {item["price"] and item["price"]["audience"] for part in menu["sections"] for item in part["items"]}


async def stock(count: int) -> None:
    def fill(pantry: Pantry) -> None:
        for number in range(count):
            storefront(pantry, f"l{number}", items=1)

    await stocked(fill)


async def test_many_viewers_at_once_get_their_own_answers_in_as_many_pipelines_as_there_are_audiences(
    store: str,
) -> None:
    await stock(2)
    seen = {"STUDENTS": "STUDENTS", "GUESTS": "GUESTS", "STAFF": None, "nonsense": "GUESTS"}
    viewers = [of(list(seen)[number % 4], branch=f"B{number}") for number in range(64)]

    async with planning(store) as made:
        gate = made.engine.groups.lanes = Gate(made.plan_lanes)
        waiting = [
            asyncio.create_task(made.engine.answer(PRICES, {"slug": f"l{number % 8 // 4}"}, viewer=viewer))
            for number, viewer in enumerate(viewers)
        ]
        await eventually(lambda: gate.asked == 3)
        gate.opened.set()
        answers = await asyncio.gather(*waiting)

        for number, (viewer, answer) in enumerate(zip(viewers, answers, strict=True)):
            assert audiences(answer) == {seen[viewer.facets["audience"]]}
            if number < 8:
                assert answer == await reference(made, PRICES, viewer, slug=f"l{number % 8 // 4}")
        assert made.engine.counters.answered == 64
        assert made.engine.counters.pipelines == 3
        assert made.engine.counters.statements == 3 * PRICE_STATEMENTS


async def test_viewers_share_a_pipeline_that_reads_nothing_of_them(store: str) -> None:
    await stock(2)

    async with planning(store) as made:
        gate = made.engine.groups.lanes = Gate(made.plan_lanes)
        waiting = [
            asyncio.create_task(made.engine.answer(PUBLIC, {"slug": f"l{number % 2}"}, viewer=of(audience)))
            for number, audience in enumerate(["STUDENTS", "STAFF", "GUESTS", "STUDENTS"])
        ]
        await eventually(lambda: gate.asked == 1)
        gate.opened.set()
        answers = await asyncio.gather(*waiting)

        assert answers[0] == answers[2] != answers[1]
        assert made.engine.counters.pipelines == 1


@pytest.mark.parametrize("facets", [{}, {"branch": "B1"}, {"branch": "B2", "format": "e-book"}, {"format": "hardback"}])
async def test_lists_of_a_facet_are_the_same_by_both_executors(library: str, facets: dict[str, str]) -> None:
    viewer = Viewer("me", facets=facets)

    async with planning(library, schema=library_schema) as made:
        answer = await made.engine.answer(HAND, viewer=viewer)

        assert answer == await reference(made, HAND, viewer)
        assert orjson.loads(answer or b"")["data"]["toHand"]["totalCount"] > 0
        assert made.engine.counters.answered == 1


async def test_another_facet_gives_another_list(library: str) -> None:
    async with planning(library, schema=library_schema) as made:
        answers = {
            await made.engine.answer(HAND, viewer=Viewer("me", facets={"format": name}))
            for name in ("paperback", "hardback", "e-book")
        }

    assert len(answers) >= 2


async def test_a_shadow_compares_for_the_viewer_who_asked(store: str) -> None:
    await stock(1)

    async with planning(store, share=1.0) as made:
        for audience in ("STUDENTS", "STAFF"):
            assert await made.engine.answer(PRICES, {"slug": "l0"}, viewer=of(audience))
            await made.shadow.settled()

        assert (made.shadow.compared, made.shadow.different) == (2, 0)


def reads(schema: Any, document: str) -> ViewerReads:
    definitions = parse(document).definitions
    fragments = {found.name.value: found for found in definitions if isinstance(found, FragmentDefinitionNode)}
    operation = next(found for found in definitions if isinstance(found, OperationDefinitionNode))
    return viewer_reads(schema._schema, operation, fragments)


@pytest.mark.parametrize(
    ("schema", "document", "expected"),
    [
        (shipped, PUBLIC, ViewerReads()),
        (shipped, PRICES, ViewerReads(("audience",))),
        (shipped, "{ __schema { types { name } } locations { totalCount totalCountIsExact } }", ViewerReads()),
        (shipped, "{ node(id: 1) { ...I } } fragment I on Item { price { id } }", ViewerReads(("audience",))),
        (shipped, "{ items(ids: []) { price @include(if: false) { id } } }", ViewerReads()),
        (
            shipped,
            "query ($p: Boolean!) { items(ids: []) { price @include(if: $p) { id } } }",
            ViewerReads(("audience",)),
        ),
        (library_schema, HAND, ViewerReads(("branch", "format"))),
        (library_schema, "{ motto }", ViewerReads(anything=True)),
        (library_schema, '{ reader(card: "R") { balance } }', ViewerReads(anything=True)),
        (
            library_schema,
            "{ books { nodes { loudTitle homeCopy { wear } } } }",
            ViewerReads(("branch",), anything=True),
        ),
    ],
)
def test_what_an_operation_reads_of_its_viewer_is_known_from_its_document(
    schema: Any, document: str, expected: ViewerReads
) -> None:
    assert reads(schema, document) == expected


async def test_an_operation_names_its_facets(store: str) -> None:
    async with planning(store) as made:
        assert made.engine.operation(PRICES, None).facets == ("audience",)
        assert made.engine.operation(PUBLIC, None).facets == ()


async def test_nobody_is_a_guest(store: str) -> None:
    await stock(1)

    async with planning(store) as made:
        answer = await made.engine.answer(PRICES, {"slug": "l0"})

        assert audiences(answer) == {"GUESTS"}
        assert answer == await reference(made, PRICES, ANONYMOUS, slug="l0")
