"""Follows a recorded supplier, publication by publication, through the simulator, ``larder sync run`` and GraphQL.

``python -m tests.acceptance.replay --steps 0-123 --data ../shared/data/eat-api-trace.tgz`` starts a store of its own,
prints one line a step and a summary, and ends with 1 if any answer differed from the independent reading of the files.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance import answers
from tests.acceptance.processes import LARDER, ROOT, free_port, larder, running, surroundings
from tests.acceptance.reading import Day, Reading

WEEKS_BACK, WEEKS_AHEAD = 12, 3
SHOWN = 5
MOST_RUNS = 6
HELD = re.compile(r"\bHELD\b|\bheld: [1-9]|\bfactor of\b")
LEAP = "factor of"


@dataclass(frozen=True, slots=True)
class Step:
    """What one publication came to."""

    number: int
    published_at: str
    days: int
    dishes: int
    prices: int
    kept: int
    runs: int
    """How often the sync was run: more than once when something was held or refused at first."""
    sync_seconds: float
    read_seconds: float
    peak_kib: int
    """Largest resident set of a sync process."""
    held: list[str] = field(default_factory=list)
    """What the first run said about what it held back."""
    differences: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.number:04} {self.published_at} days {self.days} (kept {self.kept}) dishes {self.dishes}"
            f" prices {self.prices} runs {self.runs} sync {self.sync_seconds:.2f} s read {self.read_seconds:.2f} s"
            f" peak {self.peak_kib / 1024:.0f} MiB differences {len(self.differences)}"
        )


def unpack(archive: Path, into: Path) -> Path:
    """The recording in ``archive``: the folder that holds its index."""
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="data")
    return next(into.rglob("index.json")).parent


@contextmanager
def served(recording: Path, **environment: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Addresses of a simulator over ``recording`` and of a gateway on the store of ``environment``; their settings."""
    supplier_port, port = free_port(), free_port()
    supplier, gateway = f"http://127.0.0.1:{supplier_port}", f"http://127.0.0.1:{port}"
    settings = {**environment, "LARDER_SUPPLIER_URL": supplier, "PORT": str(port)}
    simulate = ["simulate", "--port", str(supplier_port), "--replay", str(recording)]
    with running(simulate, f"{supplier}/_simulator"), running(["serve"], f"{gateway}/health/ready", **settings):
        yield supplier, gateway, settings


def sync_run(settings: dict[str, str], *words: str) -> tuple[str, int]:
    """``larder sync run``, or other words: what it printed, and the largest resident set of its process in KiB."""
    with tempfile.TemporaryFile("w+") as told:
        command = [str(LARDER), "sync", *(words or ["run"])]
        process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings(settings), stdout=told, stderr=told, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        return told.read(), usage.ru_maxrss


def released(settings: dict[str, str]) -> list[tuple[str, int]]:
    """Do what an operator does who finds all of it right: accept each price, approve each run, else ask once more."""
    accepted = [
        row for row in json.loads(larder("sync", "quarantine", "--json", **settings).stdout) if LEAP in row["rule"]
    ]
    for row in accepted:
        larder("sync", "accept", row["source"], row["kind"], row["key"], **settings)
    waiting = [
        run["run"]
        for run in json.loads(larder("sync", "runs", "--held", "--json", **settings).stdout)
        if any(hold["waits_for"] == "operator" for hold in run["holds"])
    ]
    return [sync_run(settings, "approve", str(run)) for run in waiting] or [sync_run(settings)]


def compare(expected: dict[tuple[str, str], Day], found: dict[tuple[str, str], Day]) -> list[str]:
    """One line for each day that differs."""
    missing, surplus = expected.keys() - found.keys(), found.keys() - expected.keys()
    different = sorted(key for key in expected.keys() & found.keys() if expected[key] != found[key])
    return [
        *(f"{key}: missing" for key in sorted(missing)),
        *(f"{key}: surplus" for key in sorted(surplus)),
        *(f"{key}: expected {expected[key]}, found {found[key]}" for key in different),
    ]


def replay(
    reading: Reading, steps: Sequence[int], supplier: str, gateway: str, settings: dict[str, str]
) -> Iterator[Step]:
    """Follow ``steps`` in order; publications between them are laid but never synced."""
    laid = -1
    for number in steps:
        for step in range(laid + 1, number + 1):
            reading.lay(step)
        laid = number
        reading.follow(number)
        answers.move(supplier, number)
        begun = time.monotonic()
        ran = [sync_run(settings)]
        while HELD.search(ran[-1][0]) and len(ran) < MOST_RUNS:
            ran += released(settings)
        synced = time.monotonic()
        found = {key: day for slug in reading.canteens() for key, day in answers.days(gateway, slug).items()}
        differences = compare(reading.days, found)
        if answers.locations(gateway) != reading.canteens():
            differences.append(f"locations: {answers.locations(gateway)}")
        if differences:
            differences.append(f"larder sync run printed:\n{ran[-1][0]}")
        dishes = [dish for day in found.values() for section in day for dish in section.dishes]
        yield Step(
            number=number,
            published_at=reading.index[number]["published_at"],
            days=len(found),
            dishes=len(dishes),
            prices=sum(len(dish.prices) for dish in dishes),
            kept=reading.kept,
            runs=len(ran),
            sync_seconds=synced - begun,
            read_seconds=time.monotonic() - synced,
            peak_kib=max(peak for _, peak in ran),
            held=[line.strip() for line in ran[0][0].splitlines() if HELD.search(line)],
            differences=differences,
        )


def report(steps: Iterator[Step], say: Callable[[str], None]) -> bool:
    """Print each step and a summary; whether nothing differed."""
    begun, done = time.monotonic(), []
    for step in steps:
        done.append(step)
        say(step.line())
        for line in [*step.held, *step.differences[:SHOWN]]:
            say(f"     {line}")
    say(
        f"{len(done)} steps, {sum(len(step.differences) for step in done)} differences,"
        f" {sum(step.runs > 1 for step in done)} held at first,"
        f" {time.monotonic() - begun:.0f} s in all, {sum(step.sync_seconds for step in done):.0f} s syncing,"
        f" peak memory of a sync {max(step.peak_kib for step in done) / 1024:.0f} MiB"
    )
    return not any(step.differences for step in done)


def main() -> int:
    """Run over a store of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", default="0-123", help="first-last, or numbers separated by commas")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/eat-api-trace.tgz")
    asked = parser.parse_args()
    first, dash, last = asked.steps.partition("-")
    steps = range(int(first), int(last) + 1) if dash else [int(number) for number in asked.steps.split(",")]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        recording = unpack(asked.data, folder / "recording")
        settings = stack.enter_context(a_store(folder / "store"))
        supplier, gateway, settings = stack.enter_context(served(recording, **settings))
        reading = Reading(recording, WEEKS_BACK, WEEKS_AHEAD)
        return 0 if report(replay(reading, list(steps), supplier, gateway, settings), print) else 1


@contextmanager
def a_store(data: Path) -> Iterator[dict[str, str]]:
    """The settings of a new, migrated store over the folder ``data``."""
    from gateway.embedded.postgres import EmbeddedPostgres  # noqa: PLC0415 - tests bring their own store

    server = EmbeddedPostgres(data)
    server.start()
    try:
        settings = {"LARDER_DATA_DIR": str(data), "LARDER_DATABASE_URL": server.url}
        larder("migrate", **settings)
        yield settings
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
