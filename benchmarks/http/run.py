"""One run over HTTP: the sections in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks import overload
from benchmarks.data import Shape, check_unchanged, storefront_slug
from benchmarks.http.asking import BY, Request, ask, by_get, by_post
from benchmarks.http.contestants import (
    BARE,
    BY_HAND,
    NO_CACHE,
    PRODUCTION,
    environment,
    hit_contestants,
    larder,
    layer_contestants,
    miss_contestants,
)
from benchmarks.http.cores import Cores
from benchmarks.http.refreshing import Seen, visit
from benchmarks.http.results import Results
from benchmarks.http.sections import Extent, Measuring, Section
from benchmarks.machine import machine
from benchmarks.operations import STOREFRONT

LAYER_CONNECTIONS = 16
REFRESHED_PAGES = 200
REFRESHED_PER_SECOND = 200.0
PAGE = {"slug": storefront_slug(1)}

TIMING = {"LARDER_SERVER_TIMING": "on"}
REFRESH = {False: {"LARDER_HOT_REFRESH": "0"}, True: {}}


class Run:
    """One run on a filled store. folder: for what is written on the way. print_: shows what is no record."""

    def __init__(
        self, database_url: str, data_dir: Path, folder: Path, shape: Shape, extent: Extent, cores: Cores,
        say: Callable[[str], None], print_: Callable[[Any], None],
    ) -> None:  # fmt: skip
        self.database_url = database_url
        self.base = environment(database_url, str(data_dir))
        self.folder = folder
        self.shape = shape
        self.extent = extent
        self.measuring = Measuring(extent, folder, cores, say)
        self.print = print_
        self.results = Results({**machine(database_url), "cores": str(cores)})

    def run(self, sections: Collection[str]) -> Results:
        """The sections of these names, in the order of ``SECTIONS``. Raises ``ChangedData`` at the end if it was."""
        for name, section in SECTIONS.items():
            if name in sections:
                section(self)
        check_unchanged(self.database_url, self.shape)
        return self.results

    def hits(self) -> None:
        """One page from the response cache, beside the same bytes from bare uvicorn."""
        for method, request_of in BY.items():
            request = request_of(STOREFRONT.text, PAGE)
            answer = self._answer(request)
            section = Section(
                f"hit by {method}", hit_contestants(self.base, answer), [request], BARE, self.extent.connections,
                same_headers=True,
            )  # fmt: skip
            self.results.figures += self.measuring.measure(section)

    def layers(self) -> None:
        """The same page, and each layer of the gateway the other way round."""
        request = by_get(STOREFRONT.text, PAGE)
        section = Section(
            "layers of a hit by GET", layer_contestants(self.base), [request], PRODUCTION, (LAYER_CONNECTIONS,)
        )
        self.results.figures += self.measuring.measure(section)

    def misses(self) -> None:
        """Pages that nobody keeps."""
        section = Section(
            "miss by POST", miss_contestants(self.base), self._pages(by_post), BY_HAND, self.extent.connections
        )
        self.results.figures += self.measuring.measure(section)

    def refresh(self) -> None:
        """Visitors of many pages while the store is published to."""
        seen = {hot: Seen() for hot in (True, False)}
        publishes = 2 * self.extent.seconds
        pages = self._pages(by_get)[:REFRESHED_PAGES]
        for turn in range(self.extent.rounds):
            for hot, kept in seen.items():
                contestant = larder(f"hot refresh {hot}", self.base, TIMING, REFRESH[hot])
                with self.measuring.started(contestant) as [server]:
                    found = visit(
                        urlsplit(server.url).port or 0, self.database_url, pages,
                        per_second=REFRESHED_PER_SECOND, publishes=publishes, seed=turn,
                    )  # fmt: skip
                    kept.requests += asyncio.run(found).requests
        total = publishes * self.extent.rounds
        self.results.refreshed = [kept.refreshed(total, hot_refresh=hot) for hot, kept in seen.items()]

    def overload(self) -> None:
        """Several times what the gateway can do, as ``python -m benchmarks.overload`` has it."""
        bodies = [request.body for request in self._pages(by_post)]
        for admission in ("on", "off"):
            change: Mapping[str, str] = {**NO_CACHE, "LARDER_ADMISSION": admission}
            with self.measuring.started(larder(f"admission {admission}", self.base, change)) as [server]:
                port = urlsplit(server.url).port or 0
                table = asyncio.run(overload.compare(port, bodies, 4.0, max(2.0, 2.0 * self.extent.seconds)))
            table.title = f"Overload, admission {admission}"
            self.print(table)

    def _pages(self, request_of: Callable[..., Request]) -> list[Request]:
        numbers = range(1, self.shape.locations + 1)
        return [request_of(STOREFRONT.text, {"slug": storefront_slug(number)}) for number in numbers]

    def _answer(self, request: Request) -> Path:
        """A folder with Larder's answer as it sends it, for the bare server."""
        with self.measuring.started(larder("answer", self.base)) as [server]:
            [reply] = ask(server.url, [request])
        folder = self.folder / f"answer to {request.method}"
        folder.mkdir(exist_ok=True)
        (folder / "body").write_bytes(reply.body)
        (folder / "headers").write_bytes(orjson.dumps(reply.headers))
        return folder


SECTIONS: Mapping[str, Callable[[Run], None]] = {
    "hits": Run.hits,
    "layers": Run.layers,
    "misses": Run.misses,
    "refresh": Run.refresh,
    "overload": Run.overload,
}
