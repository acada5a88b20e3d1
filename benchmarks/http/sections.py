"""The sections of a run: who is compared, and what is asked of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from time import monotonic, sleep

import httpx2

from benchmarks.checks import DifferentBytes, check_full, difference
from benchmarks.http.asking import Reply, Request, ask
from benchmarks.http.contestants import Contestant
from benchmarks.http.cores import Cores
from benchmarks.http.processes import Served, launched
from benchmarks.http.results import Figures, Turn, figures
from benchmarks.http.wrk import load, write_requests
from benchmarks.operations import STOREFRONT

CHECKED = 20
SETTLED_SECONDS = 0.3
"""After a halt a gateway has read the heads again by then."""

Say = Callable[[str], None]


class UnequalHeaders(Exception):
    """The bare server does not send as many headers as Larder."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured. rounds: of turns, each of so many whole seconds; connections: at once, each a load."""

    rounds: int = 5
    seconds: int = 2
    connections: tuple[int, ...] = (1, 16, 64)


@dataclass(frozen=True, slots=True)
class Section:
    """One comparison. requests: those sent, at random. reference: whose figures the others' are multiples of.

    same_headers: whether each contestant sends as many headers as every other.
    """

    name: str
    contestants: Sequence[Contestant]
    requests: Sequence[Request]
    reference: str
    connections: tuple[int, ...]
    same_headers: bool = False


class Measuring:
    """Runs sections. folder: for what is written on the way."""

    def __init__(self, extent: Extent, folder: Path, cores: Cores, say: Say) -> None:
        self.extent = extent
        self.folder = folder
        self.cores = cores
        self.say = say

    def measure(self, section: Section) -> list[Figures]:
        """Check, then measure: in every round each contestant has its turn, in random order, the others halted.

        Raises ``DifferentBytes``, ``HollowAnswer`` or ``UnequalHeaders`` before anything is measured.
        """
        self.say(f"{section.name}: starting {len(section.contestants)} servers")
        requests = write_requests(section.requests, self.folder / "requests")
        with self.started(*section.contestants) as started:
            servers = dict(zip([found.name for found in section.contestants], started, strict=True))
            compared = check(servers, section)
            self.say(f"{section.name}: {len(compared) * (len(servers) - 1)} answers compared, equal bytes; warming up")
            for server in servers.values():
                load(server.url, requests, connections=max(section.connections), seconds=1)
                server.halt()
            found = []
            for connections in section.connections:
                self.say(f"{section.name}: measuring with {connections} connections")
                turns = self._rounds(servers, section, requests, connections)
                reference = turns[section.reference]
                found += [
                    figures(section.name, name, connections, len(compared[0]), own, reference)
                    for name, own in turns.items()
                ]
            for server in servers.values():
                server.go_on()
            check(servers, section)
        return found

    @contextmanager
    def started(self, *contestants: Contestant) -> Iterator[list[Served]]:
        """Their servers, started side by side, each then on the worker's core."""
        with ExitStack() as stack:
            servers = [
                stack.enter_context(
                    launched(found.command, found.environment, self.folder / f"{found.name}.log", self.cores)
                )
                for found in contestants
            ]
            for server, contestant in zip(servers, contestants, strict=True):
                server.wait_until_ready(contestant.ready)
                self.cores.give_worker(server.process.pid)
            yield servers

    def _rounds(
        self, servers: dict[str, Served], section: Section, requests: Path, connections: int
    ) -> dict[str, list[Turn]]:
        luck = random.Random(connections)
        by_name = {found.name: found for found in section.contestants}
        turns: dict[str, list[Turn]] = {name: [] for name in servers}
        for number in range(self.extent.rounds):
            for name in luck.sample(list(servers), len(servers)):
                server = servers[name]
                server.go_on()
                sleep(SETTLED_SECONDS)
                until = monotonic() + SETTLED_SECONDS
                ask(server.url, takewhile(lambda _, until=until: monotonic() < until, section.requests))  # type: ignore[misc]
                turns[name].append(self._turn(server, by_name[name], requests, connections, number))
                server.halt()
        return turns

    def _turn(self, server: Served, contestant: Contestant, requests: Path, connections: int, seed: int) -> Turn:
        sent, used = statements(server, contestant), server.cpu_seconds()
        found = load(server.url, requests, connections=connections, seconds=self.extent.seconds, seed=seed)
        used = server.cpu_seconds() - used
        after = statements(server, contestant)
        return Turn(found, used, None if after is None or sent is None else after - sent)


def statements(server: Served, contestant: Contestant) -> int | None:
    """Data statements that a server has sent so far, None where it does not tell."""
    if contestant.statements is None:
        return None
    text = httpx2.get(f"{server.url}{contestant.statements}", timeout=10).raise_for_status().text
    if text.strip().isdigit():
        return int(text)
    numbers = [line.split()[-1] for line in text.splitlines() if line.startswith("larder_statements_total{")]
    return round(sum(map(float, numbers)))


def check(servers: dict[str, Served], section: Section) -> list[bytes]:
    """Ask every contestant for the same and compare. Returns: the answers that all of them gave.

    Raises ``DifferentBytes``, ``HollowAnswer``, ``UnequalHeaders``.
    """
    asked = section.requests[:CHECKED]
    replies = {name: ask(server.url, asked) for name, server in servers.items()}
    (first, expected), *others = replies.items()
    for reply in expected:
        check_full(STOREFRONT, {}, reply.body)
    for name, found in others:
        for wanted, reply in zip(expected, found, strict=True):
            if wanted.body != reply.body:
                raise DifferentBytes(
                    f"{section.name}: {first} and {name} differ: {difference(wanted.body, reply.body)}"
                )
            if section.same_headers and len(wanted.headers) != len(reply.headers):
                raise UnequalHeaders(f"{section.name}: {first} sends {names(wanted)}, {name} sends {names(reply)}")
    return [reply.body for reply in expected]


def names(reply: Reply) -> str:
    """The headers of a reply."""
    return ", ".join(name for name, _ in reply.headers)
