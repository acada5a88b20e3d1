"""The access log: what a line says, which requests have one, and when it is written."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.observing import access
from gateway.observing.access import AccessLog, Answered, as_json, as_text
from gateway.observing.lines import LineWriter
from tests.gateway.observing.exchanges import DOCUMENT, answered

ROOT = Path(__file__).parents[3]
LINE = Answered(answered(), 0.012345, 1_800_000_000.25)


@pytest.fixture
def written(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A file descriptor, and where it leads."""
    path = tmp_path / "log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    yield descriptor, path
    os.close(descriptor)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def written_lines(path: Path, count: int) -> None:
    """Wait until so many lines are written, by a thread."""
    async with asyncio.timeout(20):
        while len(path.read_bytes().splitlines()) < count:  # noqa: ASYNC110, ASYNC240 - a file tells nobody
            await asyncio.sleep(0.01)


def test_a_line_of_json_says_this() -> None:
    assert json.loads(as_json(LINE)) == {
        "event": "request",
        "level": "info",
        "timestamp": "2027-01-15T08:00:00.250000Z",
        "request_id": "request-1",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "Storefront",
        "document": DOCUMENT,
        "client": "web",
        "client_version": "1.2",
        "cache": "miss",
        "executor": "plan",
        "statements": 7,
        "estimated_cost": None,
        "actual_cost": None,
        "bytes": 30_511,
        "milliseconds": 12.345,
    }


def test_a_line_for_people_says_this() -> None:
    line = as_text(Answered(answered(codes=("STORE_BUSY",)), 0.0123, 1_800_000_000.25))

    assert line == (
        b"08:00:00  POST /graphql 200  Storefront  plan  miss  7 statements  30511 bytes  12.3 ms  STORE_BUSY  "
        b"(request-1)\n"
    )


@pytest.mark.parametrize("name", ["two\nlines", "red \x1b[31m", "bell\x07"])
@pytest.mark.parametrize("format_", [as_json, as_text])
def test_what_a_client_sends_makes_no_line_of_its_own(format_: Any, name: str) -> None:
    line = format_(Answered(answered(operation=name, path=f"/graphql/{name}", client=name), 0.1, 0.0))

    assert line.count(b"\n") == 1
    assert b"\x1b" not in line
    assert b"\x07" not in line


def test_text_that_is_no_unicode_is_written_all_the_same() -> None:
    assert json.loads(as_json(Answered(answered(path="/\udcff"), 0.1, 0.0)))["path"] == "/\udcff"
    assert as_text(Answered(answered(path="/\udcff"), 0.1, 0.0)).count(b"\n") == 1


async def test_lines_are_written_soon_without_being_asked_for(written: tuple[int, Path]) -> None:
    descriptor, path = written
    log = AccessLog(LineWriter(as_json, descriptor))

    for number in range(3):
        log.note(answered(id=f"request-{number}"), 0.1)

    await written_lines(path, 3)
    assert [line["request_id"] for line in lines(path)] == ["request-0", "request-1", "request-2"]
    log.close()


async def test_a_full_batch_does_not_wait(written: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "FLUSH_SECONDS", 3600)
    monkeypatch.setattr(access, "FLUSH_LINES", 5)
    descriptor, path = written
    log = AccessLog(LineWriter(as_json, descriptor))

    for _ in range(5):
        log.note(answered(), 0.1)

    await written_lines(path, 5)
    log.close()


async def test_closing_writes_what_is_left(written: tuple[int, Path]) -> None:
    descriptor, path = written
    log = AccessLog(LineWriter(as_json, descriptor))
    log.note(answered(), 0.1)

    log.close()

    assert len(lines(path)) == 1


@pytest.mark.parametrize(
    ("share", "known", "noted"),
    [
        (1.0, {}, 400),
        (0.0, {}, 0),
        (0.0, {"status": 500}, 400),
        (0.0, {"codes": ("INTERNAL_ERROR",)}, 400),
        (0.5, {"status": 404}, 400),
    ],
)
async def test_a_share_of_those_without_errors_is_noted(
    written: tuple[int, Path], share: float, known: dict[str, Any], noted: int
) -> None:
    descriptor, path = written
    log = AccessLog(LineWriter(as_json, descriptor), share)

    for _ in range(400):
        log.note(answered(**known), 0.1)

    log.close()
    assert len(lines(path)) == noted


async def test_half_of_them_is_about_half(written: tuple[int, Path]) -> None:
    descriptor, path = written
    log = AccessLog(LineWriter(as_json, descriptor), 0.5)

    for _ in range(2000):
        log.note(answered(), 0.1)

    log.close()
    assert 800 < len(lines(path)) < 1200


CRASH = """
import asyncio
from gateway.observing.access import AccessLog, as_json
from gateway.observing.lines import LineWriter
from tests.gateway.observing.exchanges import answered

async def fail():
    AccessLog(LineWriter(as_json)).note(answered(), 0.1)
    raise ValueError

asyncio.run(fail())
"""


def test_a_process_that_fails_has_written_its_lines() -> None:
    ended = subprocess.run([sys.executable, "-c", CRASH], cwd=ROOT, capture_output=True, check=False, timeout=60)

    assert ended.returncode == 1
    assert json.loads(ended.stdout)["request_id"] == "request-1"


def test_a_reader_that_stalls_keeps_nobody_waiting() -> None:
    reading, writing = os.pipe()
    writer = LineWriter(as_json, writing, waiting=2)

    # A pipe holds 64 KiB; each batch is more.
    for _ in range(10):
        writer.write([LINE] * 200)

    assert writer.dropped >= 7 * 200
    os.close(reading)
    writer.stop()
    os.close(writing)


def test_a_line_that_cannot_be_made_stops_none_after_it(written: tuple[int, Path]) -> None:
    descriptor, path = written

    def format_(number: int) -> bytes:
        return b"%d\n" % (1 // number)

    writer = LineWriter(format_, descriptor)
    writer.write([0])
    writer.write([1])
    writer.stop()

    assert path.read_bytes() == b"1\n"
    assert writer.dropped == 1
    assert all(thread.name != "larder lines" for thread in threading.enumerate())
