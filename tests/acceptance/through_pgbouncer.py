"""A pytest plugin: lanes of both kinds go through a PgBouncer of two sessions, whatever the tests say.

``python -m pytest -p tests.acceptance.through_pgbouncer tests/schema`` runs tests as behind a pooler.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any

import pytest

from tests.pgbouncer import pgbouncer

SESSIONS = 2


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """After the store is there: start PgBouncer, and lead every lane to it."""
    from loaders.lanes import Lanes  # noqa: PLC0415 - once Django is set up
    from loaders.pipelines.lanes import PipelineLanes  # noqa: PLC0415 - once Django is set up

    stack = ExitStack()
    config.add_cleanup(stack.close)
    url = os.environ["LARDER_DATABASE_URL"]
    pooler = stack.enter_context(pgbouncer(url, pool_size=SESSIONS))
    for lanes in (Lanes, PipelineLanes):
        led(lanes, url, pooler)


def led(lanes: type[Any], url: str, pooler: str) -> None:
    """Make ``lanes`` for ``url`` lanes for ``pooler``."""
    made = lanes.__init__

    def __init__(self: Any, database_url: str, **options: Any) -> None:  # noqa: N807 - it takes the constructor's place
        assert database_url == url
        made(self, pooler, **{**options, "pooled": True})

    lanes.__init__ = __init__
