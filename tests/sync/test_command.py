"""``larder sync`` as its users call it."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from pathlib import Path

from tests.sync.larder import Larder
from tests.sync.supplier import TODAY, Supplier, dish, price

LARDER = Path(sys.executable).with_name("larder")


async def larder_sync(supplier: Supplier, *arguments: str, terminal: bool = False) -> tuple[int, str]:
    """Exit code and output."""
    environment = {**os.environ, "LARDER_SUPPLIER_URL": supplier.url, "TERM": "xterm"}
    if not terminal:
        process = await asyncio.create_subprocess_exec(
            LARDER,
            "sync",
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        LARDER, "sync", *arguments, env=environment, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    await process.wait()
    shown = os.read(ours, 1_000_000).decode()
    os.close(ours)
    return process.returncode or 0, shown


async def test_run_tells_for_each_stream_what_it_did(larder: Larder, supplier: Supplier) -> None:
    code, output = await larder_sync(supplier, "run")

    assert code == 0
    assert [part for line in output.splitlines() for part in line.split("; ")] == [
        "canteens/menu: PUBLISHED",
        "documents: 18 (0 unchanged, 0 failed)",
        "rows: 26 inserted, 0 updated, 0 deleted, 0 unchanged, 0 quarantined",
        "canteens/stock: PUBLISHED",
        "documents: 2 (0 unchanged, 0 failed)",
        "rows: 4 inserted, 0 updated, 0 deleted, 0 unchanged, 0 quarantined",
    ]


async def test_run_shows_the_rule_and_the_value_of_what_was_refused(larder: Larder, supplier: Supplier) -> None:
    supplier.week("mensa", {TODAY: [dish("Reis", prices={"guests": price("3,50")})]})

    code, output = await larder_sync(supplier, "run", "canteens")

    assert code == 0
    assert "  offer mensa/2025-10-08/Pasta/Reis/1/guests: base_price must be a number: '3,50'" in output.splitlines()


async def test_a_failed_run_exits_with_1_and_says_why(larder: Larder, supplier: Supplier) -> None:
    supplier.publish("canteens.json", b"<html>")

    code, output = await larder_sync(supplier, "run")

    assert code == 1
    error = "  error: canteens.json: a document must be JSON: "
    assert sum(line.startswith(error) for line in output.splitlines()) == 2


async def test_run_on_a_terminal_shows_progress(larder: Larder, supplier: Supplier) -> None:
    await larder_sync(supplier, "run")

    code, output = await larder_sync(supplier, "run", terminal=True)

    assert code == 0
    assert "canteens/menu" in output
    assert "━" in output


async def test_an_unknown_source_is_named(larder: Larder, supplier: Supplier) -> None:
    assert await larder_sync(supplier, "run", "nobody") == (1, "no source is called 'nobody'; there are: canteens\n")


async def test_status_before_and_after_the_first_run(larder: Larder, supplier: Supplier) -> None:
    _, before = await larder_sync(supplier, "status")
    supplier.week("mensa", {TODAY: [dish("Reis", prices={"kids": price(1)})]})
    await larder_sync(supplier, "run")
    code, after = await larder_sync(supplier, "status")

    assert before.count("never ran") == 2
    assert code == 0
    words = " ".join(after.split())
    assert "canteens menu PUBLISHED" in words
    assert "menu: 1 of 1" in words
    assert "FRESH" in words
    assert "canteens/menu: offer mensa/2025-10-08/Pasta/Reis/1/kids: audience must be one of" in words
