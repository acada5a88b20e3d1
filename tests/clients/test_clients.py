"""The code of docs/clients, run with the real clients against a real gateway, told from what is on the wire."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.asking import asking
from tests.clients import pages, projects
from tests.clients.cases import ANSWERED, NOT_IN_LIST, REFUSED, Case
from tests.clients.gateways import Serve
from tests.clients.ran import PACKAGES, RAN, Ran
from tests.clients.wire import recorded

SHOWN_URL = "http://127.0.0.1:8000"
TOKEN = "a token for pushes"  # noqa: S105 - of this test's gateways
UNCACHEABLE = "private, no-cache, must-revalidate"
USED = "SELECT client, sum(count) FROM larder_document_usage GROUP BY client"


def prepare(case: Case, folder: Path, url: str, request: pytest.FixtureRequest) -> None:
    """Write a page's files and run its commands in ``folder``, with ``url`` in place of the address that it shows."""
    request.getfixturevalue("python" if case.page == "gql" else "node")
    if case.variant == "over-http" and shutil.which("curl") is None:
        pytest.skip("needs curl")
    projects.start(folder)
    script = pages.write(case.page, case.variant, folder, {SHOWN_URL: url})
    projects.run(["sh", "-c", script], folder, LARDER_PUSH_TOKEN=TOKEN)


async def expected(store: str) -> dict[str, Any]:
    """What every page's operation gives by the resolvers: they all ask the same."""
    (document,) = (block.code for block in pages.blocks_of("fetch") if block.file.endswith(".graphql"))
    async with asking(store) as ask:
        answered = await ask(document, slug="corner")
    data: dict[str, Any] = answered.data or {}
    assert len(data["location"]["menus"][0]["sections"][0]["items"]) == 2
    return data


def without_typename(value: Any) -> Any:
    """A result without the ``__typename`` that some clients add to what is asked."""
    if isinstance(value, dict):
        return {name: without_typename(inner) for name, inner in value.items() if name != "__typename"}
    if isinstance(value, list):
        return [without_typename(inner) for inner in value]
    return value


def used(store: str) -> list[tuple[Any, ...]]:
    """How often registered documents were asked for, by the client's name."""
    with psycopg.connect(store) as connection:
        return connection.execute(USED).fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("case", ANSWERED, ids=str)
async def test_a_client_is_answered(
    case: Case, serve: Serve, store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    data = await expected(store)

    with (
        serve(LARDER_DOCUMENTS=case.mode, LARDER_PUSH_TOKEN=TOKEN, **case.settings) as gateway,
        recorded(gateway) as proxy,
    ):
        prepare(case, tmp_path, proxy.url, request)
        first, of_first = projects.visit(tmp_path, "corner"), len(proxy.exchanges)
        second = projects.visit(tmp_path, "corner")

    assert [without_typename(first), without_typename(second)] == [data, data]
    assert [str(exchange) for exchange in proxy.exchanges[:of_first]] == case.first
    assert [str(exchange) for exchange in proxy.exchanges[of_first:]] == case.second
    assert {exchange.cache_control for exchange in proxy.exchanges if exchange.code} <= {UNCACHEABLE}
    assert used(store) == ([] if case.client is None else [(case.client, 2)])
    RAN.append(Ran(case))


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED, ids=str)
async def test_a_client_whose_ids_no_manifest_has_is_refused(
    case: Case, serve: Serve, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with serve(LARDER_DOCUMENTS=case.mode) as gateway, recorded(gateway) as proxy:
        prepare(case, tmp_path, proxy.url, request)
        for _ in range(2):
            with pytest.raises(projects.Failed, match="No document is registered under this id"):
                projects.visit(tmp_path, "corner")

    assert [str(exchange) for exchange in proxy.exchanges] == [*case.first, *case.second]
    assert {exchange.cache_control for exchange in proxy.exchanges} == {UNCACHEABLE}
    RAN.append(Ran(case))


@pytest.mark.slow
async def test_a_retired_deployment_is_refused_and_no_cache_may_keep_that(
    serve: Serve, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (case,) = (case for case in ANSWERED if (case.page, case.variant) == ("fetch", "get"))

    with serve(LARDER_DOCUMENTS="ids-only") as gateway, recorded(gateway) as proxy:
        prepare(case, tmp_path, proxy.url, request)
        projects.visit(tmp_path, "corner")
        projects.run(["larder", "documents", "retire", "--client", "web", "--version", "1.4.2"], tmp_path)
        with pytest.raises(projects.Failed, match="No document is registered under this id"):
            projects.visit(tmp_path, "corner")

    answered, retired = proxy.exchanges
    assert [str(answered), str(retired)] == ["GET id -> 200 data", f"GET id -> {NOT_IN_LIST}"]
    assert retired.cache_control == UNCACHEABLE


def test_every_variant_of_every_page_runs() -> None:
    told = {(page, variant) for page in pages.page_names() for variant in pages.variants_of(page)}

    assert {(case.page, case.variant) for case in ANSWERED} == told


@pytest.mark.parametrize("page", pages.page_names())
def test_a_page_installs_what_the_tests_install(page: str) -> None:
    named = set(json.loads((projects.HERE / "package.json").read_text())["dependencies"])
    named.add((projects.HERE / "requirements.in").read_text().partition("==")[0])

    assert pages.installed_by(page) <= named
    assert set(PACKAGES[page]) <= {package.partition("[")[0] for package in pages.installed_by(page)}


def test_the_index_has_every_page() -> None:
    index = (pages.PAGES / "README.md").read_text()

    assert [page for page in pages.page_names() if f"({page}.md)" not in index] == []
