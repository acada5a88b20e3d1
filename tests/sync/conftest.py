from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sync.larder import Larder
from tests.sync.supplier import Supplier, supplying


@pytest.fixture
def larder(store: str) -> Larder:
    return Larder(store)


@pytest.fixture
async def supplier() -> AsyncIterator[Supplier]:
    async with supplying() as found:
        yield found


@pytest.fixture
def settings_guard_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.LARDER_GUARDS", False)
