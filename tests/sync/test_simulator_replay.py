from __future__ import annotations

import json
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sync.simulators.eat_api import EatApi
from sync.simulators.errors import RecordingUnreadable, StepUnknown
from sync.simulators.replay import Replay
from sync.simulators.server import running
from sync.simulators.simulator import Simulator

TRACE = Path(__file__).parents[3] / "shared" / "data" / "eat-api-trace.tgz"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three publications: the second changes b and adds c, the third deletes a."""
    index: list[dict[str, Any]] = [
        {"step": "0000", "published_at": "2025-10-01T09:12:34+00:00", "changed": ["a.json", "x/2025/40.json"]},
        {"step": "0001", "published_at": "2025-10-02T11:00:00+02:00", "changed": ["x/2025/40.json", "c.json"]},
        {"step": "0002", "published_at": "2025-10-03T09:00:00+00:00", "changed": [], "deleted": ["a.json"]},
    ]
    for entry in index:
        for path in entry["changed"]:
            file = tmp_path / entry["step"] / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f'"{path} at {entry["step"]}"')
    (tmp_path / "index.json").write_text(json.dumps(index))
    return tmp_path


@pytest.fixture
async def client(recording: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        running(Simulator(EatApi(Replay(recording)))) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        yield client


async def test_steps_move_forth_and_back(client: httpx2.AsyncClient) -> None:
    async def at(step: int) -> list[str | int]:
        moved = await client.post("/_simulator/step", json={"step": step})
        assert moved.json()["step"] == step
        answers = [await client.get(path) for path in ("/a.json", "/x/2025/40.json", "/c.json")]
        return [answer.json() if answer.status_code == 200 else answer.status_code for answer in answers]

    assert await at(0) == ["a.json at 0000", "x/2025/40.json at 0000", 404]
    assert await at(1) == ["a.json at 0000", "x/2025/40.json at 0001", "c.json at 0001"]
    assert await at(2) == [404, "x/2025/40.json at 0001", "c.json at 0001"]
    assert await at(0) == ["a.json at 0000", "x/2025/40.json at 0000", 404]


async def test_the_clock_is_the_publications(client: httpx2.AsyncClient) -> None:
    await client.post("/_simulator/step", json={"step": 1})

    old, new = await client.get("/a.json"), await client.get("/c.json")
    state = (await client.get("/_simulator")).json()

    assert old.headers["date"] == new.headers["date"] == "Thu, 02 Oct 2025 09:00:00 GMT"
    assert old.headers["last-modified"] == "Wed, 01 Oct 2025 09:12:34 GMT"
    assert new.headers["last-modified"] == "Thu, 02 Oct 2025 09:00:00 GMT"
    assert state["published_at"] == "2025-10-02T09:00:00+00:00"
    assert (state["mode"], state["step"], state["steps"]) == ("replay", 1, 3)


async def test_a_file_that_a_step_leaves_alone_keeps_its_etag(client: httpx2.AsyncClient) -> None:
    etag = (await client.get("/a.json")).headers["etag"]
    await client.post("/_simulator/step", json={"step": 1})

    assert (await client.get("/a.json", headers={"If-None-Match": etag})).status_code == 304


async def test_a_recording_knows_no_stock(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/stock.json")).json() == []


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/_simulator/step", {"step": 3}, 400, "step must be 0 to 2, not 3"),
        ("/_simulator/step", {"step": -1}, 400, "step must be 0 to 2, not -1"),
        ("/_simulator/publish", {}, 409, "a recording publishes nothing of its own: move its step"),
    ],
)
async def test_what_a_recording_refuses(
    client: httpx2.AsyncClient, path: str, body: dict[str, int], status: int, error: str
) -> None:
    answer = await client.post(path, json=body)

    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert (await client.get("/_simulator")).json()["step"] == 0


def test_an_unreadable_recording_is_told(tmp_path: Path, recording: Path) -> None:
    with pytest.raises(RecordingUnreadable, match="No such file"):
        Replay(tmp_path / "nowhere")
    with pytest.raises(StepUnknown, match="step must be 0 to 2, not 7"):
        Replay(recording, 7)
    (recording / "0001" / "c.json").unlink()
    with pytest.raises(RecordingUnreadable, match="0001"):
        Replay(recording, 1)
    (recording / "index.json").write_text('[{"step": 1}]')
    with pytest.raises(RecordingUnreadable, match="Expected `str`"):
        Replay(recording)


@pytest.mark.skipif(not TRACE.exists(), reason="needs the recorded trace ../shared/data/eat-api-trace.tgz")
def test_the_real_trace_is_the_overlay_of_its_folders(tmp_path: Path) -> None:
    with tarfile.open(TRACE) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = next(tmp_path.rglob("index.json")).parent
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")} - {"index.json"}
    replay = Replay(folder)

    for step in (0, 1, 7, 60, 123):
        replay.move(step)
        newest: dict[str, str] = {}
        for file in sorted(files):
            number, _, path = file.partition("/")
            if int(number) <= step:
                newest[path] = file
        served = {path: replay.document(path) for path in {file.partition("/")[2] for file in files}}
        assert {path for path, document in served.items() if document} == set(newest)
        for path, file in newest.items():
            document = served[path]
            assert document is not None
            assert document.body == (folder / file).read_bytes()
