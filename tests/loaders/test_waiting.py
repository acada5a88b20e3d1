"""Waiting for a shared future: cancellation is one's own affair, and nobody's exception is reported as lost."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from loaders.waiting import own


async def test_cancelling_one_harms_no_other() -> None:
    shared = asyncio.get_running_loop().create_future()
    one, other = own(shared), own(shared)

    one.cancel()
    shared.set_result(7)

    assert await other == 7
    assert one.cancelled()


@pytest.mark.parametrize("cancelled", [False, True])
async def test_an_exception_that_nobody_takes_is_not_reported(*, cancelled: bool) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    shared = asyncio.get_running_loop().create_future()
    waiting = own(shared)
    if cancelled:
        waiting.cancel()
        await asyncio.sleep(0)
    shared.set_exception(ValueError("lost"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    del shared, waiting
    gc.collect()

    assert reported == []
