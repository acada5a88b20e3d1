"""A registry to push to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest


@pytest.fixture
async def connection(store: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection to an empty registry."""
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connected:
        yield connected
