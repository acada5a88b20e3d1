"""``larder sync`` as an operator types it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from sync.runner import run_stream
from tests.acceptance.processes import LARDER, ROOT, surroundings
from tests.sync.larder import Larder
from tests.sync.supplier import Supplier
from tests.sync.test_decisions import held
from tests.sync.test_guards_of_runs import CANTEENS, sell, stocked

SOURCES = '[sources.canteens]\nkind = "eat_api"\nurl = "{}"\nlimits = {{ attempts = 1 }}\n'


async def typed(larder: Larder, folder: Path, supplier: Supplier, words: str) -> tuple[int, str]:
    """Exit code and output of ``larder sync WORDS``."""
    sources = folder / "sources.toml"
    sources.write_text(SOURCES.format(supplier.url))
    environment = surroundings({"LARDER_DATABASE_URL": larder.url, "LARDER_SOURCES": str(sources)})
    process = await asyncio.create_subprocess_exec(
        LARDER,
        "sync",
        *words.split(),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return process.returncode or 0, told.decode()


async def test_an_operator_looks_and_approves(larder: Larder, supplier: Supplier, tmp_path: Path) -> None:
    await stocked(supplier)
    run_id = await held(supplier)

    _, waiting = await typed(larder, tmp_path, supplier, "runs --held")
    _, shown = await typed(larder, tmp_path, supplier, f"show {run_id}")
    code, approved = await typed(larder, tmp_path, supplier, f"approve {run_id}")

    assert [row["run"] for row in json.loads(waiting)] == [run_id]
    assert json.loads(shown)["summary"]["holds"][0]["value"] == "50 of 100 items"
    assert code == 0
    assert "canteens/menu: PUBLISHED" in approved
    assert len(larder.items()) == 50
    assert await typed(larder, tmp_path, supplier, f"approve {run_id}") == (
        1,
        f"nobody may have decided about the run (got run {run_id}: APPROVED)\n",
    )


async def test_a_held_run_says_what_to_do(larder: Larder, supplier: Supplier, tmp_path: Path) -> None:
    await stocked(supplier)
    for canteen in CANTEENS:
        sell(supplier, canteen, 10)

    _, told = await typed(larder, tmp_path, supplier, "run")

    assert "canteens/menu: HELD" in told
    assert "held: the whole run waits for the operator (larder sync show 2)" in told


async def test_a_stream_is_pinned_and_released(larder: Larder, supplier: Supplier, tmp_path: Path) -> None:
    await run_stream(supplier.source(), "menu")

    assert await typed(larder, tmp_path, supplier, "pin canteens menu") == (0, "canteens/menu is pinned\n")
    _, told = await typed(larder, tmp_path, supplier, "run")
    assert "canteens/menu: skipped, canteens/menu is pinned at run 1" in told
    assert await typed(larder, tmp_path, supplier, "release canteens menu") == (0, "canteens/menu goes on\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("show 7", "a run must exist (got run 7)"),
        ("approve 7", "a run must exist (got run 7)"),
        ("pin canteens drinks", "canteens has no stream 'drinks'; there are: menu, stock"),
        ("pin nobody menu", "no source is called 'nobody'; there are: canteens"),
        ("release canteens menu", "a stream must be pinned to be released (got canteens/menu)"),
        ("accept canteens offer x", "a row must be in quarantine to be accepted (got canteens offer x)"),
    ],
)
async def test_what_makes_no_sense_is_said(
    larder: Larder, supplier: Supplier, tmp_path: Path, words: str, told: str
) -> None:
    assert await typed(larder, tmp_path, supplier, words) == (1, f"{told}\n")
