"""The store with something to ask for."""

from __future__ import annotations

import logging

import pytest

from tests.abuse.beside import TOLD


@pytest.fixture
async def stocked_store(store: str, caplog: pytest.LogCaptureFixture) -> str:
    """Address of a store with a few storefronts."""
    caplog.set_level(logging.CRITICAL, "strawberry.execution")
    from tests.acceptance.faults import stock  # noqa: PLC0415 - models load only once Django is set up
    from tests.pantry import stocked  # noqa: PLC0415 - models load only once Django is set up

    await stocked(stock)
    return store


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how long bystanders waited."""
    if TOLD:
        terminalreporter.section("bystanders")
        for waits in TOLD:
            terminalreporter.write_line(str(waits))
