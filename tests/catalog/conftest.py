from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest


@pytest.fixture
async def writer(store: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection to the empty store."""
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
        yield connection
