"""Behind PgBouncer in transaction mode: the same answers, and nothing stays behind in a session."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import psycopg
import pytest

from tests.acceptance.faults import CLIENTS, QUESTIONS, SECONDS, UNAVAILABLE, still_planned, tell
from tests.acceptance.gateways import gateway
from tests.acceptance.load import INTROSPECTING, STOREFRONT, Load, Question
from tests.acceptance.processes import ROOT, free_port, running
from tests.pgbouncer import needs_pgbouncer, pgbouncer

pytestmark = [pytest.mark.slow, needs_pgbouncer]

SESSIONS = 2
SUITES = (
    "tests/schema/test_storefront.py",
    "tests/schema/test_paging.py",
    "tests/schema/test_nodes_and_search.py",
    "tests/schema/test_statements.py",
    "tests/resolvers",
)

SETTINGS = """
SELECT pg_backend_pid(), current_setting('statement_timeout'),
  current_setting('TimeZone'), current_setting('transaction_isolation'),
  current_setting('transaction_read_only'), current_setting('plan_cache_mode'),
  (SELECT count(*) FROM pg_prepared_statements)
"""


@pytest.fixture
def pooler(store: str) -> Iterator[str]:
    with pgbouncer(store, pool_size=SESSIONS) as url:
        yield url


def test_the_integration_tests_pass(store: str) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.acceptance.through_pgbouncer",
    ]

    done = subprocess.run([*command, *SUITES], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)

    print(done.stdout[-200:])  # noqa: T201 - how many there were
    assert done.returncode == 0, done.stdout


async def test_many_lanes_share_two_sessions(stocked_store: str, pooler: str) -> None:
    async with gateway(stocked_store) as direct, gateway(pooler, lanes=8, pooled=True) as served:
        questions = await direct.answered(QUESTIONS)
        assert await served.answered(QUESTIONS) == questions
        load = Load(served.client, questions, 2 * CLIENTS)
        async with load.asking():
            await asyncio.sleep(SECONDS)

        tell(f"16 lanes on {SESSIONS} sessions", load, served)
        assert load.tally.wrong == []
        assert load.tally.codes == {}
        assert await still_planned(served, questions)


def sessions(pooler: str) -> dict[int, tuple[object, ...]]:
    """What every session of the pooler is set to, by its process: transactions at the same time get one each."""
    with ExitStack() as stack:
        found = {}
        for _ in range(SESSIONS):
            client = stack.enter_context(psycopg.connect(pooler, prepare_threshold=None))
            [(pid, *settings)] = client.execute(SETTINGS.encode())
            found[pid] = tuple(settings)
        return found


async def test_nothing_stays_in_a_session(stocked_store: str, pooler: str) -> None:
    untouched = sessions(pooler)

    async with gateway(pooler, pooled=True) as served:
        questions = await served.answered(QUESTIONS)
        async with Load(served.client, questions, CLIENTS).asking():
            await asyncio.sleep(0.1)

    assert len(untouched) == SESSIONS
    assert sessions(pooler) == untouched


@pytest.mark.parametrize("query", [STOREFRONT, INTROSPECTING])
async def test_a_statement_that_takes_too_long_is_cut(
    stocked_store: str, pooler: str, operator: psycopg.Connection, query: str
) -> None:
    async with gateway(pooler, statement_timeout_ms=200, pooled=True) as served:
        [question] = await served.answered([Question(query, {"slug": "place-0"})])
        with operator.transaction():
            operator.execute("LOCK TABLE larder_location IN ACCESS EXCLUSIVE MODE")
            started = time.monotonic()
            cut = (await served.client.post("/graphql", json=question.json)).json()
            seconds = time.monotonic() - started

        assert [error["extensions"]["code"] for error in cut["errors"]] == [UNAVAILABLE]
        assert 0.2 <= seconds < 2
        assert (await served.client.post("/graphql", json=question.json)).content == question.expected


async def test_sessions_that_the_server_ends(stocked_store: str, pooler: str, operator: psycopg.Connection) -> None:
    kill = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name IN ('larder lane', 'larder plan lane') AND pid <> pg_backend_pid()
    """
    async with gateway(pooler, pooled=True) as served:
        questions = await served.answered(QUESTIONS)
        load = Load(served.client, questions, CLIENTS)
        async with load.asking():
            for _ in range(round(SECONDS / 0.3)):
                await asyncio.to_thread(operator.execute, kill)
                await asyncio.sleep(0.3)

        tell("the pooler's sessions killed every 0.3 s", load, served)
        assert load.tally.wrong == []
        assert load.tally.codes.keys() <= {UNAVAILABLE}
        assert load.report().recovery < 2
        assert await still_planned(served, questions)


async def test_a_gateway_process(stocked_store: str, pooler: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"PORT": str(port), "LARDER_DATABASE_URL": pooler, "LARDER_POOLED": "on", "LARDER_PLAN_EXPLAIN": "on"}
    async with gateway(stocked_store) as direct, httpx2.AsyncClient(base_url=url, timeout=30) as client:
        questions = await direct.answered(QUESTIONS)
        with running(["serve"], f"{url}/health/ready", **settings):
            bodies = [(await client.post("/graphql", json=question.json)).content for question in questions]
            asked = {**questions[0].json, "extensions": {"plan": True}}
            explained = (await client.post("/graphql", json=asked)).json()

    assert bodies == [question.expected for question in questions]
    assert explained["extensions"]["plan"]["by"] == "plan"
