"""``python -m benchmarks.faults``: reads while suppliers misbehave, beside reads while they do not.

Four simulated suppliers, each of another kind and in a process of its own, are synced every few seconds by a real
``larder worker``. A real ``larder serve`` is asked at a steady rate meanwhile; its response cache is off, so that every
answer is read from the store. Rounds in which all suppliers have one fault take turns with rounds in which none has.
Latencies count from when a request was due. Clients share the machine with all of it.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx2
import psycopg
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.store import open_store
from benchmarks.webhooks import durable
from benchmarks.workers import empty

KINDS = ("eat_api", "square", "open_delivery", "toast")
FAULTS: tuple[dict[str, Any], ...] = (
    *({"mode": mode} for mode in ("hang", "hang-headers", "drip", "reset", "truncate", "html", "garbage", "utf-16")),
    *({"mode": mode} for mode in ("bom", "bad-gzip", "gzip-bomb", "huge", "redirect")),
    {"mode": "late", "seconds": 2},
    {"mode": "status:500"},
    {"mode": "status:429", "retry_after": 2},
    {"mode": "status:429", "retry_after": 2, "dated": True},
    {"mode": "replace", "body": []},
)
SOURCE = """
[sources.{name}]
kind = "{name}"
url = "http://127.0.0.1:{port}"
schedules = {{ {schedules} }}
limits = {{ request_seconds = 5, total_seconds = 10 }}
{options}
"""
QUERY = {
    "query": """{ locations(first: 3) { nodes { slug freshness { status confirmedAt } menus { name sections { name
        items { name price { money { amount } } availability { state freshness { status } } } } } } } }"""
}
STATES = "SELECT state, count(*) FROM larder_sync_run WHERE started_at > to_timestamp(%s) GROUP BY 1 ORDER BY 1"
ITEMS = "SELECT count(*) FROM larder_item WHERE deleted_at IS NULL"
IMPORTED = "SELECT count(DISTINCT (source, stream)) FROM larder_sync_run WHERE state = 'PUBLISHED'"
START_SECONDS = 180


@dataclass(slots=True)
class Round:
    """What was read under one fault, or under none: milliseconds, answers that were wrong, outcomes of runs."""

    fault: str
    taken: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)


def main(
    seconds: Annotated[float, typer.Option(min=1, help="Of a round.")] = 5,
    rate: Annotated[int, typer.Option(min=1, help="Requests a second.")] = 30,
    every: Annotated[int, typer.Option(min=1, help="Seconds between two runs of a stream.")] = 3,
    database_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL; default: an embedded one in .larder-bench, fsync on.")
    ] = None,
) -> None:
    """Measure and print a table."""
    console = Console(width=None if Console().is_terminal else 140)
    with durable(database_url) as address, open_store(address) as url, tempfile.TemporaryDirectory() as folder:
        from benchmarks.machine import machine
        from tests.acceptance.processes import free_port, running, wait_for

        with psycopg.connect(url, autocommit=True) as connection:
            empty(connection)
        ports = {name: free_port() for name in (*KINDS, "gateway")}
        declared = Path(folder, "sources.toml")
        declared.write_text(declaration(ports, every))
        environment = {"LARDER_DATABASE_URL": url, "LARDER_SOURCES": str(declared), "LARDER_RESPONSE_CACHE": "off"}
        with ExitStack() as stack:
            for name in KINDS:
                process = stack.enter_context(running(["simulate", name, "--port", str(ports[name])], None))
                wait_for(f"http://127.0.0.1:{ports[name]}/_simulator", process, START_SECONDS)
            serve = ["serve", "--port", str(ports["gateway"]), "--log-level", "error"]
            process = stack.enter_context(running(serve, None, **environment, LARDER_RATE_LIMITS=""))
            wait_for(f"http://127.0.0.1:{ports['gateway']}/health/ready", process, START_SECONDS)
            stack.enter_context(running(["worker"], None, **environment))
            rounds = asyncio.run(take_turns(ports, url, seconds, rate, console))
        for name, value in machine(url).items():
            console.print(f"{name}: {value}")
        console.print(table(rounds))


def declaration(ports: dict[str, int], every: int) -> str:
    """The file of sources."""
    from sync.simulators.toast import Options, Toast

    streams = {
        "eat_api": ("menu", "stock"),
        "square": ("catalog", "inventory"),
        "open_delivery": ("merchant",),
        "toast": ("menu", "stock"),
    }
    guids = ", ".join(f'"{guid}"' for guid in Toast(Options()).restaurants)
    return "".join(
        SOURCE.format(
            name=name,
            port=ports[name],
            schedules=", ".join(f"{stream} = {every}" for stream in streams[name]),
            options=f"options = {{ restaurants = [{guids}] }}" if name == "toast" else "",
        )
        for name in KINDS
    )


async def take_turns(ports: dict[str, int], url: str, seconds: float, rate: int, console: Console) -> list[Round]:
    """Rounds with and without a fault, in turns."""
    from sync.simulators.mutations import MUTATIONS

    faults = [*FAULTS, *({"mode": mode} for mode in MUTATIONS)]
    rounds: list[Round] = []
    async with (
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{ports['gateway']}", timeout=30) as gateway,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as store,
    ):
        await imported(store)
        for fault in faults:
            for set_now in (None, fault):
                await misbehave(ports, set_now)
                one = Round(named(set_now))
                began = time.time()
                await read(gateway, one, seconds, rate)
                one.states.update(dict(await (await store.execute(STATES, [began])).fetchall()))
                rounds.append(one)
            told = rounds[-1]
            console.print(
                f"{told.fault:<34}{centile(told.taken, 99):7.1f} ms p99  {dict(told.states)}", highlight=False
            )
        await misbehave(ports, None)
    if wrong := sum((one.wrong for one in rounds), Counter[str]()):
        raise RuntimeError(f"reads went wrong: {dict(wrong)}")
    return rounds


async def imported(store: psycopg.AsyncConnection[Any]) -> None:
    """Wait until every stream was published once."""
    patience = time.monotonic() + START_SECONDS
    while (await (await store.execute(IMPORTED)).fetchone()) != (7,):
        if time.monotonic() > patience:
            raise RuntimeError("the suppliers were not imported in time")
        await asyncio.sleep(0.5)


async def misbehave(ports: dict[str, int], fault: dict[str, Any] | None) -> None:
    """Set a fault at every supplier, or none."""
    async with httpx2.AsyncClient(timeout=30) as client:
        for name in KINDS:
            url = f"http://127.0.0.1:{ports[name]}/_simulator/fault"
            await client.delete(url)
            # Some suppliers have nothing that a fault of content could change.
            if fault is not None and (answer := await client.post(url, json=fault)).status_code not in {200, 409, 400}:
                raise RuntimeError(f"{name} does not take {fault}: {answer.text}")


async def read(gateway: httpx2.AsyncClient, one: Round, seconds: float, rate: int) -> None:
    """Ask at a steady rate, whatever the answers take."""
    began = time.perf_counter()

    async def ask(due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        answer = await gateway.post("/graphql", json=QUERY)
        one.taken.append((time.perf_counter() - due) * 1e3)
        if answer.status_code != httpx2.codes.OK or "errors" in answer.json():
            one.wrong[f"{answer.status_code} {answer.text[:200]}"] += 1

    await asyncio.gather(*(ask(began + number / rate) for number in range(int(seconds * rate))))


def named(fault: dict[str, Any] | None) -> str:
    """What a round is called."""
    return "none" if fault is None else " ".join(str(value) for value in fault.values())


def centile(values: list[float], at: int) -> float:
    return statistics.quantiles(values, n=100)[at - 1]


def table(rounds: list[Round]) -> Table:
    """Both kinds of rounds, and how they compare."""
    found = Table(title=f"{len(rounds) // 2} faults in turns with none, all four suppliers at once")
    for heading in ("suppliers", "reads", "p50 ms", "p99 ms", "worst ms", "runs"):
        found.add_column(heading)
    pooled = {}
    for name, chosen in (
        ("well", [one for one in rounds if one.fault == "none"]),
        ("misbehaving", [one for one in rounds if one.fault != "none"]),
    ):
        taken = pooled[name] = [value for one in chosen for value in one.taken]
        states: Counter[str] = sum((one.states for one in chosen), Counter())
        figures = (f"{centile(taken, 50):.1f}", f"{centile(taken, 99):.1f}", f"{max(taken):.1f}")
        found.add_row(name, str(len(taken)), *figures, ", ".join(f"{k} {v}" for k, v in states.items()))
    ratio = [f"{centile(pooled['misbehaving'], at) / centile(pooled['well'], at):.2f}" for at in (50, 99)]
    found.add_row("ratio", "", *ratio, "", "")
    return found


if __name__ == "__main__":
    typer.run(main)
