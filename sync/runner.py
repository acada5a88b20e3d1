"""Runs streams: a lease (T0) around one run, whose failure is reported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sync.connections import connect
from sync.errors import LeaseLost, Overtaken, Pinned
from sync.intake import RunFailed
from sync.leases import leased
from sync.recording import Recorder, Replay
from sync.run import Progress, Run, ignore
from sync.runs import RunReport, State, Trigger, open_run
from sync.settings import SourceSettings


async def run_stream(
    settings: SourceSettings,
    stream: str,
    progress: Callable[[Progress], None] = ignore,
    *,
    trigger: Trigger = Trigger.SCHEDULE,
    replay: Replay | None = None,
) -> RunReport:
    """Run one stream of one source now, or do a run of it again. A run that fails is reported, not raised.

    Raises ``LeaseTaken`` when another runner is at it, ``Pinned``, ``SettingsError``, and psycopg's errors when the
    store is away.
    """
    async with leased(settings.name, stream) as lease, await connect() as connection, await connect() as beside:
        if lease.pinned is not None and replay is None:
            raise Pinned(f"{settings.name}/{stream}", lease.pinned)
        if replay is not None:
            lease.cursor = replay.cursor
        replayed = replay.run_id if replay else None
        run_id = await open_run(connection, settings.name, stream, lease, trigger, replayed)
        run = Run(settings, stream, lease, run_id, Recorder(beside, lease.cursor), replay)
        try:
            return await run.go(connection, progress)
        except (LeaseLost, Overtaken) as exc:
            return await run.give_up(State.SUPERSEDED, str(exc))
        except asyncio.CancelledError:
            await run.give_up(State.FAILED, "it was stopped")
            raise
        except Exception as exc:  # noqa: BLE001 - whatever a source does, the operator reads it in the run
            return await run.give_up(State.FAILED, reason(exc))


def reason(exc: Exception) -> str:
    """Why a run failed, in one line."""
    text = " ".join(str(exc).split())
    return text if isinstance(exc, RunFailed) else f"{type(exc).__name__}: {text}"
