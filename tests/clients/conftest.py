"""Gateways, and the clients' packages."""

from __future__ import annotations

import pytest
import redis

from tests.clients.gateways import Serve, gateway
from tests.clients.projects import need_node, need_python
from tests.clients.ran import RAN, table


@pytest.fixture(scope="session")
def node() -> None:
    """Node with the packages of package-lock.json."""
    need_node()


@pytest.fixture(scope="session")
def python() -> None:
    """Python with the packages of requirements.txt."""
    need_python()


@pytest.fixture
async def serve(store: str, redis_url: str) -> Serve:
    """Starts gateways over a store with one storefront and nothing registered."""
    from tests.pantry import Pantry, stocked, storefront  # noqa: PLC0415 - models load only once Django is set up

    def stock(pantry: Pantry) -> None:
        storefront(pantry, "corner")

    await stocked(stock)
    with redis.Redis.from_url(redis_url) as tier:
        tier.flushdb()
    return gateway


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what ran."""
    if RAN:
        terminalreporter.section("clients")
        for line in table():
            terminalreporter.write_line(line)
