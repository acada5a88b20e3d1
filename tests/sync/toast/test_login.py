"""Runs that log in at the simulated Toast themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sync.runner import run_stream
from sync.runs import RunReport, State
from sync.simulators.toast_logins import LOGIN
from tests.sync.larder import Larder
from tests.sync.toast.open import Open, opened

HUSH = "hush-hush"


@pytest.fixture
async def guarded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    monkeypatch.setenv("CORNER_SECRET", HUSH)
    async with opened(client_id="corner", client_secret=HUSH) as found:
        yield found


async def ran(toast: Open, stream: str = "menu", client_id: str = "corner") -> RunReport:
    shown = {"login_url": f"{toast.url}{LOGIN}", "client_id": client_id, "client_secret_env": "CORNER_SECRET"}
    return await run_stream(replace(toast.settings(), credentials=shown), stream)


async def test_runs_log_in_and_log_in_again_when_their_token_is_revoked(larder: Larder, guarded: Open) -> None:
    menu, stock = await ran(guarded), await ran(guarded, "stock")
    answered = dict(guarded.simulator.answered)
    await guarded.do("revoke")

    after = await ran(guarded, "stock")

    assert [one.state for one in (menu, stock, after)] == [State.PUBLISHED] * 3
    assert answered == {"200": 1 + 2 * 2 + 2}
    assert 1 <= guarded.simulator.answered["401"] <= 2
    assert larder.value("SELECT count(*) FROM larder_location") == 2


async def test_a_client_that_is_not_known_changes_nothing(larder: Larder, guarded: Open) -> None:
    await ran(guarded)

    report = await ran(guarded, client_id="stranger")

    assert (report.state, report.changed) == (State.FAILED, 0)
    assert "a token must be granted: 401" in (report.error or "")
    assert HUSH not in repr(report)
    assert larder.value("SELECT count(*) FROM larder_location WHERE deleted_at IS NULL") == 2


async def test_nobody_is_told_anything_without_a_token(larder: Larder, guarded: Open) -> None:
    report = await run_stream(guarded.settings(), "menu")

    assert report.state is State.FAILED
    assert guarded.simulator.answered == {"401": 2}
    assert larder.value("SELECT count(*) FROM larder_location") == 0
