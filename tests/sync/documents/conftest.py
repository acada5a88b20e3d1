from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sync.answering import Answering, answering


@pytest.fixture
async def server() -> AsyncIterator[Answering]:
    async with answering() as found:
        yield found
