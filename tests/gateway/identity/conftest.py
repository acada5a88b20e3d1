"""A store with keys in it, and what identifies their bearers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from gateway.identity.store import IdentityStore


@pytest.fixture
async def connection(store: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection for whoever administers."""
    async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connected:
        yield connected


@pytest.fixture
async def identity_store(store: str) -> AsyncIterator[IdentityStore]:
    """Identity's own connections."""
    opened = IdentityStore(store)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
