"""The library's store."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async


@pytest.fixture
async def library(database_url: str) -> str:
    """Address of the store, with the library filled as ``Shelves()`` says."""
    from tests.library.shelves import Shelves  # noqa: PLC0415 - models load only once Django is set up

    await sync_to_async(Shelves().fill)()
    return database_url
