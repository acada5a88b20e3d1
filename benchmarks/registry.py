"""What the tiers of the document registry cost: 100,000 documents of 200 active deployments, asked for by Zipf's law.

    python -m benchmarks.registry [--documents 100000] [--requests 100000]

Starts a PostgreSQL and a Valkey of its own in a temporary folder. Requests follow Zipf(1.1) over 20,000 documents;
memory holds 2,000. Look-ups are timed one at a time, on one process.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import gc
import itertools
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.valkey import EmbeddedValkey
from gateway.stores import set_up_django

DEPLOYMENTS, ASKED, CAPACITY, SKEW = 200, 20_000, 2_000, 1.1
TIMED = 2_000

FILL = """
TRUNCATE larder_document, larder_client, larder_registry CASCADE;
INSERT INTO larder_client (name) SELECT 'client-' || n FROM generate_series(0, {deployments} - 1) n;
INSERT INTO larder_deployment (client_id, version, state, manifest, digest, documents, published_at)
  SELECT 'client-' || n, '1', 'active', 'folder', '', {documents} / {deployments}, now()
  FROM generate_series(0, {deployments} - 1) n;
INSERT INTO larder_registry (id, generation) VALUES (1, 1);
"""
SPREAD = """
INSERT INTO larder_document (sha256, text, bytes, normal_sha256)
  SELECT sha256, text, octet_length(text), sha256 FROM filled;
INSERT INTO larder_document_alias (id, document_id)
  SELECT sha256, sha256 FROM filled UNION ALL SELECT 'sha256:' || sha256, sha256 FROM filled;
INSERT INTO larder_deployment_document (deployment_id, document_id, sent_id, operation_name)
  SELECT deployment.id, sha256, sha256, 'Q' || number FROM filled
  JOIN larder_deployment AS deployment ON deployment.client_id = 'client-' || filled.number % {deployments};
INSERT INTO larder_document_usage (document_id, client, day, count)
  SELECT sha256, '', current_date, ceil(1000000 / power(number + 1, {skew})) FROM filled WHERE number < {asked};
VACUUM ANALYZE larder_deployment, larder_document, larder_document_alias;
VACUUM ANALYZE larder_deployment_document, larder_document_usage;
"""


def text_of(number: int) -> str:
    """A document like those of a frontend, different from all others."""
    from benchmarks.operations import LISTING, PRICE_CHECK, STOREFRONT

    kind = (STOREFRONT, LISTING, PRICE_CHECK)[number % 3]
    return kind.text.replace(f"query {kind.text.split()[1].partition('(')[0]}", f"query Q{number}", 1)


def fill(database_url: str, documents: int) -> list[str]:
    """Fill the registry. Returns: ids, the most used first."""
    from persisted_queries.documents import sha256_of

    ids = []
    sizes = {"deployments": DEPLOYMENTS, "documents": documents, "skew": SKEW, "asked": ASKED}
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in FILL.format(**sizes).split(";\n"):
            connection.execute(statement.encode())
        connection.execute("CREATE TEMP TABLE filled (number int, sha256 text, text text)")
        with connection.cursor().copy("COPY filled FROM STDIN") as copy:
            for number in range(documents):
                text = text_of(number)
                ids.append(sha256_of(text))
                copy.write_row((number, ids[-1], text))
        for statement in SPREAD.format(**sizes).split(";\n"):
            connection.execute(statement.encode())
    return ids


def resident_mb() -> float:
    """Memory of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def zipf(ids: list[str], requests: int) -> list[str]:
    """Ids as clients ask for them."""
    weights = list(itertools.accumulate(1 / rank**SKEW for rank in range(1, ASKED + 1)))
    draw = random.Random(7)
    return [ids[bisect.bisect(weights, draw.random() * weights[-1])] for _ in range(requests)]


async def microseconds(work: Callable[[str], Awaitable[Any]], ids: list[str]) -> tuple[float, float]:
    """Median and 99th percentile of one call."""
    taken = []
    for document_id in ids:
        began = time.perf_counter()
        await work(document_id)
        taken.append((time.perf_counter() - began) * 1e6)
    taken.sort()
    return statistics.median(taken), taken[int(len(taken) * 0.99)]


async def started(registry: Any) -> float:
    """Start a registry. Returns: seconds until it is ready."""
    began = time.perf_counter()
    await registry.start()
    while not registry.ready:  # noqa: ASYNC110 - it tells a probe, nobody waits for it
        await asyncio.sleep(0.001)
    return time.perf_counter() - began


async def start_up(database_url: str, rows: dict[str, str]) -> None:
    """Warming with what the gateway really prepares."""
    from django.utils.module_loading import import_string

    from gateway.endpoint.preparing import Preparer
    from loaders.pipelines.lanes import PipelineLanes
    from persisted_queries.registry import Registry
    from persisted_queries.store import DocumentStore
    from plans.engine import PlanEngine

    schema = import_string("schema.root.schema")
    prepare = Preparer(schema, PlanEngine(schema, PipelineLanes(database_url))).of_registered
    for capacity, seconds in ((200, 60.0), (CAPACITY, 10.0)):
        store = DocumentStore(database_url)
        registry = Registry(store, None, prepare, weigh=lambda it: it.weight, capacity=capacity, warm_seconds=seconds)
        before = resident_mb()
        ready = await started(registry)
        held, grown = len(registry.memory), resident_mb() - before
        rows[f"start with {capacity:,} to warm, {seconds:.0f} s at most"] = (
            f"ready after {ready:.2f} s with {held:,} prepared ({ready / max(held, 1) * 1e3:.1f} ms each); "
            f"memory +{grown:.0f} MB ({grown * 1e3 / max(held, 1):.0f} kB each; "
            f"counted {registry.memory.bytes / 1e6:.0f} MB)"
        )
        await registry.stop()


async def hit_rates(database_url: str, redis_url: str, ids: list[str], requests: int, rows: dict[str, str]) -> None:
    """Where look-ups end, in a first process and in one that starts beside it; and what each tier takes."""
    from persisted_queries.redis_tier import RedisTier
    from persisted_queries.registry import Registry
    from persisted_queries.store import DocumentStore

    async def prepare(document: Any) -> str:
        return str(document.text)

    for name in ("first process", "second process, Redis filled"):
        tier = RedisTier(redis_url)
        registry: Registry[str] = Registry(
            DocumentStore(database_url), tier, prepare, weigh=lambda _: 0, capacity=CAPACITY
        )
        before = resident_mb()
        ready = await started(registry)
        await tier.settled()
        registry.counters.clear()
        wrong = 0
        for document_id in zipf(ids, requests):
            entry = await registry.get(document_id)
            wrong += entry is None or entry.document.sha256 != document_id
            if tier.counters["hits"] % 50 == 0:
                await asyncio.sleep(0)
        await tier.settled()
        shares = {key: f"{registry.counters[key] / requests:.2%}" for key in ("memory", "redis", "store")}
        rows[name] = (
            f"{shares}, wrong: {wrong}; ready after {ready:.2f} s (texts alone); "
            f"memory +{resident_mb() - before:.0f} MB"
        )
        if name.startswith("second"):
            await times(registry, ids, rows)
        await registry.stop()
    async with Redis.from_url(redis_url) as redis:
        keys = await redis.keys("larder:document:*")
        sizes = [await redis.memory_usage(key) for key in keys[:1_000]]
        rows["Redis"] = f"{len(keys):,} values, {statistics.mean(sizes):,.0f} bytes each (MEMORY USAGE)"


async def times(registry: Any, ids: list[str], rows: dict[str, str]) -> None:
    """Microseconds of one look-up in each tier."""
    held = [document_id for document_id in ids[:TIMED] if document_id in registry.memory.entries()]
    for document_id in held:
        registry.redis.write(document_id, await registry.store.find(document_id))
    await registry.redis.settled()
    await registry.get("nobody's")
    steps = {
        "memory": (registry.get, held),
        "negative": (lambda _: registry.get("nobody's"), held),
        "Redis, one read with hash and seal": (registry.redis.read, held),
        "PostgreSQL, one find": (registry.store.find, held),
    }
    for name, (work, asked) in steps.items():
        median, late = await microseconds(work, asked)
        rows[f"µs: {name}"] = f"{median:,.1f} (p99 {late:,.1f}), {len(asked):,} ids"
    for _ in range(5):
        began = time.perf_counter()
        await registry.store.still_registered(registry.memory.entries())
    rows["one statement for all ids in memory"] = (
        f"{(time.perf_counter() - began) * 1e3:.1f} ms, {len(registry.memory.entries()):,} ids"
    )
    began = time.perf_counter()
    await registry.store.registered(CAPACITY)
    rows[f"listing of the {CAPACITY:,} most used"] = f"{(time.perf_counter() - began) * 1e3:.0f} ms"


def stored_bytes(database_url: str, documents: int) -> str:
    """What the registry's tables and indexes take in PostgreSQL."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relname LIKE 'larder_d%' ORDER BY 1"
        ).fetchall()
    parts = ", ".join(
        f"{name.removeprefix('larder_')} {size // documents:,}" for name, size in rows if size > documents
    )
    return f"{sum(size for _, size in rows) // documents:,} bytes a document ({parts})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=100_000)
    options = parser.parse_args()
    folder = Path(mkdtemp(prefix="larder-registry-"))
    folder.chmod(0o755)
    os.environ["LARDER_DATA_DIR"] = str(folder)
    postgres = EmbeddedPostgres(folder, {"fsync": "off", "shared_buffers": "512MB"})
    valkey = EmbeddedValkey(folder)
    rows: dict[str, str] = {}
    try:
        postgres.start()
        valkey.start()
        os.environ["LARDER_DATABASE_URL"] = postgres.url
        set_up_django()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        ids = fill(postgres.url, options.documents)
        mean = statistics.mean(len(text_of(number)) for number in range(300))
        rows["data"] = f"{options.documents:,} documents of {mean:.0f} bytes in {DEPLOYMENTS} active deployments"
        rows["requests"] = f"{options.requests:,}, Zipf({SKEW}) over {ASKED:,}; memory holds {CAPACITY:,}"
        rows["PostgreSQL"] = stored_bytes(postgres.url, options.documents)
        asyncio.run(hit_rates(postgres.url, valkey.url, ids, options.requests, rows))
        asyncio.run(start_up(postgres.url, rows))
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    table = Table("what", "measured", title=f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for name, value in rows.items():
        table.add_row(name, value)
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
