from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async

from tests.sync.http_json.shop import Shop, open_shop


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as found:
        yield found


@pytest.fixture
async def trails(database_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Address of the store of the second application, whose targets are installed."""
    from tests.sync.http_json.trails import make_tables  # noqa: PLC0415 - models load only once Django is set up

    await sync_to_async(make_tables)()
    monkeypatch.setattr("django.conf.settings.LARDER_TARGETS", "tests.sync.http_json.trails.TARGETS")
    store: str = request.getfixturevalue("store")
    return store
