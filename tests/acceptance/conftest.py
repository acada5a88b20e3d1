"""The store with something to ask for, and somebody who breaks it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
async def stocked_store(store: str, caplog: pytest.LogCaptureFixture) -> str:
    """Address of a store with what ``faults.QUESTIONS`` ask for."""
    # Strawberry's traceback for each failed field, kept by pytest, would be most of the load.
    caplog.set_level(logging.CRITICAL, "strawberry.execution")
    from tests.acceptance.faults import stock  # noqa: PLC0415 - models load only once Django is set up
    from tests.pantry import stocked  # noqa: PLC0415 - models load only once Django is set up

    await stocked(stock)
    return store


@pytest.fixture
def operator(store: str) -> Iterator[psycopg.Connection]:
    """A connection of its own for whoever breaks things."""
    with psycopg.connect(store, autocommit=True) as connection:
        yield connection
