"""``python -m benchmarks.pooler``: what PgBouncer in transaction mode costs the storefront page, beside direct lanes.

All four contestants take turns in one run, with the same variables: plans and resolvers, direct and pooled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg.conninfo import conninfo_to_dict
from rich.console import Console
from rich.table import Table

from benchmarks.store import open_store


def main(
    rounds: Annotated[int, typer.Option(min=3, help="Rounds with one request at a time.")] = 30,
    requests: Annotated[int, typer.Option(min=1, help="Requests a round.")] = 20,
    at_once: Annotated[int, typer.Option(min=2, help="Requests in flight in a burst.")] = 64,
    connections: Annotated[int, typer.Option(min=1, help="Lanes, and sessions of the pooler.")] = 3,
    locations: Annotated[int, typer.Option(min=60, help="Locations of 80 items.")] = 2000,
    database_url: Annotated[
        str | None, typer.Option(help="An empty PostgreSQL; default: an embedded one in .larder-bench.")
    ] = None,
) -> None:
    """Measure and print a table."""
    console = Console(width=None if Console().is_terminal else 140)
    with open_store(database_url) as url:
        from benchmarks.data import Shape, fill
        from benchmarks.machine import machine
        from tests.pgbouncer import pgbouncer

        fill(url, Shape(locations))
        with pgbouncer(url, pool_size=connections) as pooler:
            table = asyncio.run(compare(url, pooler, locations, rounds, requests, at_once, connections))
        for name, value in machine(url).items():
            console.print(f"{name}: {value}")
        console.print(table)


async def compare(
    url: str, pooler: str, locations: int, rounds: int, requests: int, at_once: int, connections: int
) -> Table:
    """The table: for each path and concurrency, direct, pooled, and their ratio."""
    from benchmarks.backends import Backends
    from benchmarks.contestants.plan import WAIT_SECONDS, Plan
    from benchmarks.contestants.resolver_path import ResolverPath
    from benchmarks.data import Shape
    from benchmarks.measure import measure
    from benchmarks.operations import STOREFRONT, draws
    from benchmarks.run import Extent, frozen, opened, prepare
    from loaders.lanes import Lanes
    from loaders.pipelines.lanes import PipelineLanes
    from plans.engine import PlanEngine
    from schema.root import schema

    class PooledPlan(Plan):
        def __init__(self) -> None:
            self._lanes = PipelineLanes(pooler, count=connections, wait_seconds=WAIT_SECONDS, pooled=True)
            self.engine = PlanEngine(schema, self._lanes, deadline_seconds=WAIT_SECONDS)

    class PooledResolvers(ResolverPath):
        def __init__(self) -> None:
            self.statements = 0
            self._lanes = Lanes(pooler, count=connections, wait_seconds=WAIT_SECONDS, pooled=True)

    shape = Shape(locations)
    found: Mapping[str, Any] = {
        "plan": Plan(url, connections),
        "plan pooled": PooledPlan(),
        "resolvers": ResolverPath(url, connections),
        "resolvers pooled": PooledResolvers(),
    }
    draw = draws(url, shape)["A"]
    table = Table("path", "at once", "", "wall p50 ms", "p99 ms", "requests/s", "Python CPU ms", "PostgreSQL CPU ms")
    async with opened(found):
        await prepare(found, STOREFRONT, draw, Extent(connections=connections), lambda _: None)
        with frozen(), closing(Backends(url)) as backends:
            backends.look()
            for concurrent in (1, at_once):
                measured = {
                    one.contestant: one
                    for one in await measure(
                        found,
                        STOREFRONT,
                        draw,
                        backends,
                        rounds=rounds if concurrent == 1 else max(3, rounds // 3),
                        requests=requests if concurrent == 1 else 0,
                        at_once=concurrent,
                    )
                }
                for path in ("plan", "resolvers"):
                    pair = [measured[path], measured[f"{path} pooled"]]
                    columns = [
                        [one.wall_p50, one.wall_p99, one.per_second, one.python_cpu, one.postgres_cpu or float("nan")]
                        for one in pair
                    ]
                    for label, values in zip(("direct", "pooled"), columns, strict=True):
                        table.add_row(path, str(concurrent), label, *(f"{value:.2f}" for value in values))
                    ratios = [pooled / direct for direct, pooled in zip(*columns, strict=True)]
                    table.add_row(path, str(concurrent), "ratio", *(f"{ratio:.2f}" for ratio in ratios))
                    table.add_section()
    table.caption = f"PgBouncer's own CPU: {bouncer_seconds(pooler):.2f} s in all"
    return table


def bouncer_seconds(pooler: str) -> float:
    """CPU seconds that PgBouncer has used so far, where the operating system has /proc."""
    folder = Path(str(conninfo_to_dict(pooler)["host"]))
    try:
        pid = int((folder / "pid").read_text())
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return float("nan")


if __name__ == "__main__":
    typer.run(main)
