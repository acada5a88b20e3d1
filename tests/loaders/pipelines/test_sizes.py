"""Results and parameters larger than what the sockets between hold, in both directions at once."""

from __future__ import annotations

import asyncio

from loaders.pipelines.calls import Call
from loaders.pipelines.encoders import encoder
from loaders.pipelines.lanes import PipelineLanes
from tests.loaders.pipelines.calling import ask, call

MEGABYTE = 1 << 20


async def test_a_hundred_thousand_rows_are_decoded_in_slices(either: PipelineLanes) -> None:
    [rows] = await either.run(lambda: [call("SELECT i, 'row ' || i FROM generate_series(1, 100000) i")])

    assert rows.count == 100_000
    assert rows.load(99_990, 200_000) == [(i, f"row {i}") for i in range(99_991, 100_001)]
    read = [row for start in range(0, rows.count, 7_000) for row in rows.load(start, start + 7_000)]
    assert read == [(i, f"row {i}") for i in range(1, 100_001)]


async def test_large_parameters_and_large_results_cross_without_blocking(either: PipelineLanes) -> None:
    texts = [letter * (4 * MEGABYTE) for letter in "abcd"]

    found = await asyncio.gather(
        *(ask(either, *(call("SELECT $1::text || $2", text, str(number)) for text in texts)) for number in range(4))
    )

    for number, rows in enumerate(found):
        assert rows == [[(f"{text}{number}",)] for text in texts]


async def test_many_keys_find_their_way(either: PipelineLanes) -> None:
    keys = list(range(200_000))
    data, form = encoder("bigint[]")(keys)
    counted = call("SELECT sum(key)::bigint, count(*) FROM unnest($1::bigint[]) key", None)

    asked = [Call(counted.statement, (data,), (form,))] * 3
    assert await ask(either, *asked) == [[(sum(keys), len(keys))]] * 3


async def test_the_loop_goes_on_while_a_large_result_arrives(lanes: PipelineLanes) -> None:
    reading = asyncio.create_task(lanes.run(lambda: [call("SELECT repeat('x', 100) FROM generate_series(1, 300000)")]))
    longest, loop = 0.0, asyncio.get_running_loop()
    while not reading.done():
        before = loop.time()
        await asyncio.sleep(0)
        longest = max(longest, loop.time() - before)

    assert (await reading)[0].count == 300_000
    assert longest < 0.5
