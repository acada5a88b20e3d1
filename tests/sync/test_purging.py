"""The CDN is told of every change at least once, by one worker at a time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sync import purging
from sync.purging import Purging, pause_seconds, purge_for_ever
from sync.runner import run_stream
from sync.surrogates import ANY
from tests.sync.cdn import Cdn, purged
from tests.sync.larder import Larder
from tests.sync.supplier import Supplier

LARDER = Path(sys.executable).with_name("larder")
BUMP = """
INSERT INTO larder_head (name, shard, value) VALUES (%s, 0, 1)
ON CONFLICT (name, shard) DO UPDATE SET value = larder_head.value + 1
"""


@pytest.fixture
def larder(store: str) -> Larder:
    """A store without heads: emptying its tables has moved some."""
    larder = Larder(store)
    larder.execute("DELETE FROM larder_head")
    return larder


@pytest.fixture
async def cdn() -> AsyncIterator[Cdn]:
    async with purged() as found:
        yield found


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(purging, "SETTLE_SECONDS", 0.05)
    monkeypatch.setattr(purging, "TAKEOVER_SECONDS", 0.1)


@asynccontextmanager
async def purger(larder: Larder, cdn: Cdn, **options: Any) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(purge_for_ever(larder.url, Purging(cdn.url, **({"again_seconds": 600} | options))))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - looks at another process or task
            await asyncio.sleep(0.02)


def told(larder: Larder) -> dict[str, int]:
    return dict(larder.rows("SELECT head, version FROM larder_purge"))


async def test_a_publish_and_any_other_write_are_told(
    larder: Larder, supplier: Supplier, cdn: Cdn, at_once: None
) -> None:
    async with purger(larder, cdn):
        await run_stream(supplier.source(), "menu")
        await until(lambda: told(larder) == larder.every_head())
        published = len(cdn.taken)
        larder.execute("INSERT INTO larder_source (name, kind, account) VALUES ('a', 'b', '')")
        await until(lambda: len(cdn.taken) > published)

    assert {"larder_item", "larder_menu", "larder_offer"} <= set(cdn.keys)
    assert cdn.taken[-1] == {"surrogate_keys": ["larder_source", ANY]}


async def test_many_changes_are_told_in_few_posts(larder: Larder, cdn: Cdn, at_once: None) -> None:
    for number in range(250):
        larder.execute(BUMP, f"head {number % 50:02}")

    async with purger(larder, cdn, batch=21):
        await until(lambda: len(told(larder)) == 50)

    assert [len(body["surrogate_keys"]) for body in cdn.taken] == [21, 21, 11]
    assert [body["surrogate_keys"][-1] for body in cdn.taken] == [ANY] * 3
    assert sorted(set(cdn.keys) - {ANY}) == [f"head%20{number:02}" for number in range(50)]


@pytest.mark.parametrize("answer", [(500, {}), (429, {"retry-after": "0"}), (302, {"location": "/"}), (0, {})])
async def test_what_is_refused_is_told_again(
    larder: Larder, cdn: Cdn, at_once: None, answer: tuple[int, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "REQUEST_SECONDS", 0.5)
    cdn.statuses = [answer, answer]
    larder.execute(BUMP, "a")

    async with purger(larder, cdn):
        await until(lambda: told(larder) == {"a": 1})

    assert cdn.posts == [{"surrogate_keys": ["a", ANY]}] * 3


async def test_a_cdn_that_is_not_there_is_asked_until_it_is(larder: Larder, cdn: Cdn, at_once: None) -> None:
    gone = Cdn(url="http://127.0.0.1:9/purge")
    larder.execute(BUMP, "a")
    async with purger(larder, gone) as task:
        await asyncio.sleep(0.5)
        assert not task.done()
        assert told(larder) == {}

    async with purger(larder, cdn):
        await until(lambda: told(larder) == {"a": 1})


async def test_a_change_while_its_head_is_being_told_is_told_too(larder: Larder, cdn: Cdn, at_once: None) -> None:
    larder.execute(BUMP, "a")
    async with purger(larder, cdn):
        await until(lambda: cdn.posts)
        larder.execute(BUMP, "a")
        await until(lambda: told(larder) == {"a": 2})

    assert cdn.keys == ["a", ANY, "a", ANY]


async def test_everything_is_told_once_more_for_answers_that_were_on_their_way(
    larder: Larder, cdn: Cdn, at_once: None
) -> None:
    larder.execute(BUMP, "a")
    async with purger(larder, cdn, again_seconds=0.3):
        await until(lambda: len(cdn.taken) == 2)
        await until(lambda: larder.value("SELECT again_at FROM larder_purge") is None)
        await asyncio.sleep(0.5)

    assert cdn.keys == ["a", ANY, "a", ANY]


@pytest.mark.parametrize(
    ("options", "header", "value"),
    [
        ({"token": "hush"}, "authorization", "Bearer hush"),
        ({"token": "hush", "header": "Fastly-Key"}, "fastly-key", "hush"),
        ({}, "authorization", None),
    ],
)
async def test_the_secret_goes_with_every_post(
    larder: Larder, cdn: Cdn, at_once: None, options: dict[str, Any], header: str, value: str | None
) -> None:
    larder.execute(BUMP, "a")
    async with purger(larder, cdn, keys_field="tags", **options):
        await until(lambda: cdn.posts)

    assert cdn.posts[0] == {"tags": ["a", ANY]}
    assert cdn.headers[0].get(header) == value
    assert "hush" not in repr(Purging(cdn.url, **options))


async def test_one_purges_and_another_takes_over_when_it_ends(larder: Larder, cdn: Cdn, at_once: None) -> None:
    async with purger(larder, cdn, keys_field="second"):
        async with purger(larder, cdn, keys_field="first"):
            for number in range(5):
                larder.execute(BUMP, f"head{number}")
                await until(lambda: told(larder) == larder.heads())
            one = {next(iter(body)) for body in cdn.posts}
        larder.execute(BUMP, "last")
        await until(lambda: told(larder) == larder.heads())

    assert len(one) == 1


async def test_a_purger_that_loses_the_store_comes_back(larder: Larder, cdn: Cdn, at_once: None) -> None:
    larder.execute(BUMP, "a")
    async with purger(larder, cdn):
        await until(lambda: "a" in told(larder))
        larder.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'larder purge'")
        larder.execute(BUMP, "b")
        await until(lambda: "b" in told(larder))


@pytest.mark.parametrize(
    ("failures", "after", "least", "most"),
    [(1, None, 0.25, 0.5), (2, None, 0.5, 1), (5, None, 4, 8), (99, None, 30, 60), (1, 7.0, 7, 7), (1, 9e9, 60, 60)],
)
def test_pauses_grow_up_to_a_minute(failures: int, after: float | None, least: float, most: float) -> None:
    assert least <= pause_seconds(failures, after) <= most


@asynccontextmanager
async def worker(cdn: Cdn) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, "LARDER_SYNC": "off", "LARDER_PURGE_URL": cdn.url, "LARDER_PURGE_TOKEN": "hush"}
    process = await asyncio.create_subprocess_exec(
        LARDER, "worker", env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_nothing_is_lost_when_the_worker_is_killed_while_it_tells(larder: Larder, cdn: Cdn) -> None:
    cdn.statuses = [(0, {})]
    larder.execute(BUMP, "a")
    async with worker(cdn):
        await until(lambda: cdn.posts, 60)
        larder.execute(BUMP, "b")
    assert told(larder) == {}

    async with worker(cdn) as second:
        await until(lambda: told(larder) == {"a": 1, "b": 1}, 60)
        second.terminate()
        output, _ = await second.communicate()

    assert set(cdn.keys) == {"a", "b", ANY}
    assert cdn.headers[-1]["authorization"] == "Bearer hush"
    assert b"hush" not in output
    assert second.returncode == 0


def test_the_gateway_itself_cannot_call_anybody() -> None:
    code = "import sys, gateway.asgi; print(sorted({'httpx2', 'sync.purging'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
