"""The fold: however its rows are sliced, and whatever it writes as it goes, the bytes are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from loaders.pipelines.calls import Rows
from loaders.pipelines.lanes import PipelineLanes
from plans.answers import sliced
from plans.engine import PlanEngine
from plans.operations import Variant
from plans.tree import FetchNode
from schema.root import schema
from tests.pantry import stocked, storefront

PAGE = """
query ($slug: String!) { location(slug: $slug) { id menus { id sections { name items {
  id allergens prices { money { amount currency } } availability { state until }
} } } } }
"""


def one_by_one(rows: Mapping[int, Rows]) -> Any:
    def chunks(slot: int) -> Iterator[list[tuple[Any, ...]]]:
        for place in range(rows[slot].count):
            yield rows[slot].load(place, place + 1)

    return chunks


@pytest.mark.parametrize("packed", [None, 1, 2, 3, 4])
async def test_slices_of_one_row_and_objects_written_as_they_come(store: str, packed: int | None) -> None:
    await stocked(lambda pantry: storefront(pantry, "corner", items=3))
    lanes = PipelineLanes(store, count=1)
    await lanes.open()
    try:
        engine = PlanEngine(schema, lanes)
        operation = engine.operation(PAGE, None)
        variables = operation.variables({"slug": "corner"})
        variant = operation.variant(variables)
        assert isinstance(variant, Variant)
        binding = variant.binder.bind(variables)
        plan = variant.plan(binding, engine.opening)
        assert packed is None or isinstance(plan.shape.nodes[packed], FetchNode)
        sent = plan.calls(binding, [binding.lookups], None)
        results = await lanes.run(lambda: sent.calls)
        instant, _, _ = engine.opening.read(results[0].load(0, 1)[0], plan.heads)
        folding = plan.fold(packed)(one_by_one(sent.rows(results)), instant, binding.sites, binding.pages)

        body = orjson.dumps({"data": plan.data(await sliced(folding.steps), binding.lookups)})

        assert body == await engine.answer(PAGE, {"slug": "corner"}, instant=instant)
        assert body.count(b'"allergens"') == 6
    finally:
        await lanes.close()
