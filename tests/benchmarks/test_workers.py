"""Workers that share many suppliers: no stream runs twice at once, and a killed worker's jobs are resumed."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from benchmarks.canteens import HANGS
from benchmarks.workers import Trial

STATES = "SELECT DISTINCT state FROM larder_sync_run WHERE finished_at IS NOT NULL AND (id = ANY(%s) OR source = %s)"


@pytest.mark.slow
async def test_a_killed_workers_jobs_are_resumed_and_no_stream_runs_twice(store: str, tmp_path: Path) -> None:
    trial = Trial(store, tmp_path, sources=4, workers=2, slots=4, seconds=8, console=Console())

    outcome = await trial.run()

    assert outcome.overlaps == []
    assert outcome.lapsed == 0
    assert outcome.twice == 0
    assert outcome.death.cut
    assert any(not stream.startswith(f"{HANGS}/") for stream in outcome.again)
    assert None not in outcome.again.values()
    assert outcome.kept
    assert len(outcome.waits.of_source) == trial.sources - 1
    assert outcome.waits.missing == 0
    with psycopg.connect(store) as connection:
        states = {state for (state,) in connection.execute(STATES, [list(outcome.death.cut), HANGS])}
    assert "SUPERSEDED" in states
    assert states <= {"SUPERSEDED", "FAILED"}
