from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sync.toast.open import Open, opened


@pytest.fixture
async def toast() -> AsyncIterator[Open]:
    async with opened() as found:
        yield found
