"""What a snapshot costs: first, unchanged, one in a hundred changed. ``python -m benchmarks.publishing --rows 100000``.

A source in the process says the rows, so parsing a supplier's documents is not part of it; everything else is: mapping,
digests, COPY, validation, guards, one publishing transaction.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

SECTION_ITEMS = 100
KINDS_PER_ITEM = 3


def main() -> None:
    """Measure on a store of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of a snapshot")
    parser.add_argument("--again", type=int, default=3, help="how often the unchanged snapshot is said")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        from gateway.embedded.postgres import EmbeddedPostgres

        server = EmbeddedPostgres(Path(folder))
        server.start()
        os.environ |= {"LARDER_DATABASE_URL": server.url, "LARDER_DATA_DIR": folder}
        try:
            from django.core.management import call_command

            from gateway.stores import set_up_django

            set_up_django()
            call_command("migrate", verbosity=0)
            asyncio.run(measure(asked.rows, asked.again))
        finally:
            server.stop()


async def measure(rows: int, again: int) -> None:
    """Print a line for each run."""
    from sync import sources
    from sync.settings import SourceSettings
    from sync.sources import SourceKind, StreamKind, always

    said = Said(rows)
    kind = SourceKind(lambda _: said, always(all=StreamKind(("menu", "price"), 0)))
    sources.KINDS["said"] = kind
    settings = SourceSettings("bench", "said", "http://127.0.0.1:9")
    sys.stdout.write(
        f"{'run':<14}{'state':<11}{'s':>7}{'stage':>7}{'judge':>7}{'publish':>8}{'written':>9}{'peak MiB':>9}\n"
    )
    await told("first", settings)
    for _ in range(again):
        await told("unchanged", settings)
    said.version = 1
    await told("1 % changed", settings)
    await told("unchanged", settings)


async def told(name: str, settings: Any) -> None:
    """Run once and print what it took."""
    from sync.runner import run_stream

    with phases() as spent:
        begun = time.perf_counter()
        report = await run_stream(settings, "all")
        seconds = time.perf_counter() - begun
    stage = seconds - spent["judge"] - spent["publish"]
    sys.stdout.write(
        f"{name:<14}{report.state.value:<11}{seconds:7.2f}{stage:7.2f}{spent['judge']:7.2f}{spent['publish']:8.2f}"
        f"{report.changed:9}{peak_mib():9.0f}  {report.error}\n"
    )


@contextmanager
def phases() -> Iterator[dict[str, float]]:
    """Seconds spent judging and publishing."""
    from sync import run

    spent = {"judge": 0.0, "publish": 0.0}
    judge, publish = run.Judge.verdict, run.publish

    def timed(name: str, call: Any) -> Any:
        async def wrapped(*args: Any) -> Any:
            begun = time.perf_counter()
            try:
                return await call(*args)
            finally:
                spent[name] += time.perf_counter() - begun

        return wrapped

    run.Judge.verdict, run.publish = timed("judge", judge), timed("publish", publish)  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        run.Judge.verdict, run.publish = judge, publish  # type: ignore[method-assign]


def peak_mib() -> float:
    """The largest resident set since the last call."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


class Said:
    """One location that sells ``rows`` / 3 items, each placed and priced; ``version`` changes 1 % of the rows."""

    def __init__(self, rows: int) -> None:
        self.items = rows // KINDS_PER_ITEM
        self.version = 0

    async def pull(self, stream: str, _cursor: dict[str, Any], _documents: Any) -> AsyncGenerator[Any, None]:
        """One complete snapshot."""
        from sync import records
        from sync.protocol import Begin, End, Mode, Record

        yield Begin(stream, Mode.SNAPSHOT, "all", confirms="shop", guarded=True)
        shop = records.LocationRecord(slug="shop", name="Shop", timezone="Europe/Berlin", currency="EUR")
        yield Record("all", "shop", shop)
        yield Record("all", "menu", records.MenuRecord(location="shop", name="Menu", channel="PICKUP"))
        for number in range(self.items):
            section, item = f"section {number // SECTION_ITEMS}", f"item {number}"
            if number % SECTION_ITEMS == 0:
                heading = records.SectionRecord(menu="menu", name=section, position=number // SECTION_ITEMS)
                yield Record("all", section, heading)
            yield Record(
                "all", item, records.ItemRecord(name=item, language="en", location="shop", description="Good.")
            )
            yield Record("all", item, records.PlacementRecord(section=section, item=item, position=number))
            raised = self.version if number % 33 == 0 else 0
            amount = Decimal(number % 900 + 100 + raised) / 100
            yield Record("all", item, records.OfferRecord(item=item, currency="EUR", amount=amount))
        yield End("all", complete=True)


if __name__ == "__main__":
    main()
