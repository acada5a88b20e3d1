"""Workers that share many suppliers: no stream runs twice at once, and a killed worker's jobs are resumed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.workers import HANGS, OVERLAPS, Trial


@pytest.mark.slow
async def test_a_killed_workers_jobs_are_resumed_and_no_stream_runs_twice(store: str, tmp_path: Path) -> None:
    trial = Trial(store, tmp_path, sources=4, workers=2, slots=4, seconds=60, console=Console(quiet=True))

    await trial.run()

    assert trial.ask(OVERLAPS) == [(0,)]
    assert trial.kitchens.twice.total() == 0
    resumed = {lock: after for lock, after in trial.again.items() if not lock.startswith(f"{HANGS}/")}
    assert resumed
    assert None not in resumed.values()
    [(published, hung)] = trial.ask(
        "SELECT count(DISTINCT source) FILTER (WHERE state = 'PUBLISHED'), "
        "count(*) FILTER (WHERE state = 'PUBLISHED' AND source = %s) FROM larder_sync_run",
        HANGS,
    )
    assert (published, hung) == (3, 0)
