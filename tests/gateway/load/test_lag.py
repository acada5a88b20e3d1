"""Loop lag: what holds the loop is seen."""

from __future__ import annotations

import asyncio
import time

from gateway.load.lag import KEPT_SECONDS, LoopLag


async def test_what_holds_the_loop_is_the_longest_sample() -> None:
    lag = LoopLag()
    assert (lag.p50_seconds, lag.max_seconds) == (0.0, 0.0)
    await lag.open()

    time.sleep(0.3)  # noqa: ASYNC251 - this is what is measured
    for _ in range(1000):
        if lag.max_seconds:
            break
        await asyncio.sleep(0.01)

    assert lag.max_seconds >= 0.2
    assert lag.p50_seconds <= lag.max_seconds
    await lag.close()
    assert lag._samples.maxlen == KEPT_SECONDS * 20


async def test_once_closed_nothing_is_sampled() -> None:
    lag = LoopLag()
    await lag.open()
    await lag.close()
    await lag.close()

    await asyncio.sleep(0.2)

    assert len(lag._samples) == 0
