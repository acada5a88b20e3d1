"""The benchmark over HTTP itself: its servers, its checks, its clients, its figures. Small, on the tests' own store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import StringIO
from pathlib import Path

import orjson
import psycopg
import pytest
from rich.console import Console

from benchmarks.checks import DifferentBytes, HollowAnswer
from benchmarks.data import Shape, fill
from benchmarks.http.asking import Request, ask, by_get, by_post
from benchmarks.http.contestants import BARE, LAYERS, PLAN, PRODUCTION, STOCK, Contestant, beside, environment
from benchmarks.http.cores import Cores, divide
from benchmarks.http.processes import NotServing
from benchmarks.http.report import report
from benchmarks.http.results import Turn, figures
from benchmarks.http.run import Run
from benchmarks.http.sections import Extent, Measuring, Section, UnequalHeaders
from benchmarks.http.wrk import Load, NoWrk, find_wrk, load, write_requests
from benchmarks.operations import STOREFRONT

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
SHAPE = Shape(locations=60, long=(60,))
PAGE = b'{"data":[' + b'{"id":1},' * STOREFRONT.ids + b"1]}"
HEADERS = [["content-type", "application/json"], ["content-length", str(len(PAGE))]]
ONCE = Extent(rounds=1, seconds=1, connections=(2,))
REQUEST = Request("GET", "/graphql?query={a}")


def measuring(folder: Path, extent: Extent = ONCE) -> Measuring:
    return Measuring(extent, folder, divide(), lambda _: None)


def fixed(folder: Path, name: str, store: str, body: bytes = PAGE, headers: list[list[str]] = HEADERS) -> Contestant:
    answer = folder / f"answer of {name}"
    answer.mkdir()
    (answer / "body").write_bytes(body)
    (answer / "headers").write_bytes(orjson.dumps(headers))
    return beside(name, environment(store, str(folder)), "fixed", str(answer))


def section(contestants: list[Contestant], *, same_headers: bool = False) -> Section:
    return Section("fixed", contestants, [REQUEST], contestants[0].name, (2,), same_headers)


def test_the_worker_has_its_core_to_itself() -> None:
    cores = divide()

    assert not cores.worker & cores.others
    assert len(cores.worker) == min(1, len(cores.others))
    assert str(Cores()) == "nobody is pinned"


def test_a_missing_wrk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(NoWrk, match="wrk is not installed"):
        find_wrk()


def test_ratios_are_of_the_same_round() -> None:
    def turn(requests: int, cpu: float, refused: int = 0) -> Turn:
        return Turn(Load(requests, 2.0, 1.0, 2.0, 3.0, refused, 0), cpu, requests * 6)

    reference = [turn(1000, 0.5), turn(2000, 0.5), turn(4000, 0.5)]
    own = [turn(500, 0.5), turn(2000, 0.5), turn(3000, 0.5, refused=1000)]

    found = figures("hit", "x", 2, 100, own, reference)

    assert (found.speed, found.speed_least) == (0.5, 0.5)
    assert found.cpu == pytest.approx(2.0)
    assert found.per_second == 1000
    assert (found.requests, found.refused) == (4500, 1000)
    assert found.busy == 0.25


@needs_wrk
def test_clients_send_what_they_are_told_and_count_refusals(store: str, tmp_path: Path) -> None:
    ours = measuring(tmp_path)
    post = by_post(STOREFRONT.text, {"slug": "a\tb"})
    get = by_get(STOREFRONT.text, {"slug": "å"})
    requests = write_requests([post, get], tmp_path / "requests")

    assert requests.read_bytes().splitlines()[1] == b"GET\t" + get.target.encode() + b"\t"
    with ours.started(fixed(tmp_path, "fixed", store)) as [server]:
        assert ask(server.url, [post, get])[0].body == PAGE
        seen = load(server.url, requests, connections=2, seconds=1)
        assert server.cpu_seconds() > 0
    assert seen.requests > 10
    assert (seen.refused, seen.broken) == (0, 0)
    assert 0 < seen.p50 <= seen.p99 <= seen.p999

    with ours.started(beside("stock", environment(store, str(tmp_path)), "stock", store, "2")) as [server]:
        lost = write_requests([Request("GET", "/nowhere")], tmp_path / "lost")
        seen = load(server.url, lost, connections=2, seconds=1)
    assert 0 < seen.refused == seen.requests


@needs_wrk
def test_nothing_is_measured_before_all_answer_alike(store: str, tmp_path: Path) -> None:
    first = fixed(tmp_path, "first", store)
    other = fixed(tmp_path, "other", store, PAGE[:-2] + b"2}")
    more = fixed(tmp_path, "more", store, headers=[*HEADERS, ["etag", '"a"']])
    hollow = fixed(tmp_path, "hollow", store, b"{}", [["content-length", "2"]])

    with pytest.raises(DifferentBytes, match="first and other differ: at byte"):
        measuring(tmp_path).measure(section([first, other]))
    with pytest.raises(UnequalHeaders, match="more sends content-type, content-length, etag"):
        measuring(tmp_path).measure(section([first, more], same_headers=True))
    with pytest.raises(HollowAnswer):
        measuring(tmp_path).measure(section([hollow]))


@needs_wrk
def test_contestants_have_their_turns_one_by_one(store: str, tmp_path: Path) -> None:
    ours = measuring(tmp_path, Extent(rounds=2, seconds=1, connections=(2,)))

    found = ours.measure(section([fixed(tmp_path, name, store) for name in ("first", "second")]))

    assert [row.contestant for row in found] == ["first", "second"]
    assert {row.rounds for row in found} == {2}
    assert found[0].speed == found[0].cpu == 1.0
    assert all(row.requests > 10 and row.statements == 0 and row.body == len(PAGE) for row in found)


def test_a_server_that_ends_is_told_with_what_it_said(store: str, tmp_path: Path) -> None:
    broken = beside("broken", environment(store, str(tmp_path)), "fixed", str(tmp_path / "nowhere"))

    with pytest.raises(NotServing, match=r"(?s)ended with 1: .*FileNotFoundError"), measuring(tmp_path).started(broken):
        pass


@contextmanager
def prices_kept(store: str) -> Iterator[None]:
    def sums() -> list[tuple[object, ...]]:
        with psycopg.connect(store) as connection:
            return connection.execute("SELECT sum(amount) FROM larder_offer").fetchall()

    before = sums()
    yield
    assert sums() == before


@needs_wrk
@pytest.mark.slow
def test_a_whole_run_over_http(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.http.run.REFRESHED_PER_SECOND", 40.0)
    monkeypatch.setattr("benchmarks.http.run.REFRESHED_PAGES", 10)
    assert fill(store, SHAPE)
    printed = StringIO()

    with ExitStack() as stack:
        stack.enter_context(prices_kept(store))
        run = Run(store, tmp_path, tmp_path, SHAPE, ONCE, divide(), lambda _: None, lambda _: None)
        results = run.run({"hits", "layers", "misses", "refresh"})
    report(results, Console(file=printed, width=200))
    results.write(tmp_path / "http.json")

    by_name = {(row.section, row.contestant): row for row in results.figures}
    for method in ("GET", "POST"):
        assert by_name[f"hit by {method}", PRODUCTION].statements == 0
        assert by_name[f"hit by {method}", BARE].requests > by_name["miss by POST", STOCK].requests
    assert {name for where, name in by_name if where.startswith("layers")} == {PRODUCTION, *LAYERS}
    assert by_name["miss by POST", PLAN].statements == pytest.approx(6, abs=1)
    assert sum(row.refused + row.broken for row in results.figures) == 0
    assert [found.hot_refresh for found in results.refreshed] == [True, False]
    assert all(found.requests > 20 and 0 < found.share <= 1 for found in results.refreshed)
    assert all(name in printed.getvalue() for _, name in by_name)
    assert len(orjson.loads((tmp_path / "http.json").read_bytes())["figures"]) == len(results.figures)
