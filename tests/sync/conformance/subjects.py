"""The kinds of sources that conform: how each one's simulator is started, and what differs for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import msgspec
import pytest

from sync.settings import SourceSettings
from sync.simulators.server import running
from sync.simulators.simulator import Simulator
from sync.simulators.supply import Supply
from sync.sources import KINDS
from tests.sync.conformance.cases import Case

ANATOMY = {"pages": "pages", "currency": "currencies", "tenant": "tenants", "ids": "ids"}
"""First word of a mode → what it is about."""
NAME = "supplier"
NO_RATES = [{"path": "*", "per_second": 100_000, "burst": 100_000}]
NAMES = ("eat_api", "square", "open_delivery", "toast", "http_json")


@dataclass(frozen=True, slots=True)
class Belief:
    """What a fault says of rows of ``kinds`` may be published, for ``why``."""

    why: str
    kinds: frozenset[str] = frozenset({"availability"})


@dataclass(frozen=True, slots=True)
class Alone:
    """A fault of which some units of a stream fail, and the others do not."""

    stream: str
    fault: Mapping[str, Any]
    open: Callable[[], Supply] | None = None
    """What supplies, where it has to say more than the subject's own. A unit of several documents is the hard case."""
    often: bool = False
    """Whether it belongs to the few that ``make test`` runs."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One kind of source over its simulator, with a catalogue that is small and the same each time."""

    kind: str
    open: Callable[[], Supply]
    change: Sequence[tuple[str, Any]]
    """Actions of the simulator, with their bodies, after which the supplier says something else."""
    options: Mapping[str, Any] = field(default_factory=dict)
    rest: str = ""
    """A statement after which the source asks again though it has just asked: as if time had passed."""
    believed: Mapping[str, Belief] = field(default_factory=dict)
    """Mode of a fault, or name of a case → what of it nobody can tell from something true."""
    patient: Mapping[str, str] = field(default_factory=dict)
    """Mode of a fault, or name of a case → why it is made good only by the next full reading."""
    day_passes: str = ""
    """A statement after which the next reading is a full one."""
    alone: Sequence[Alone] = ()
    """Empty: there is but one unit, or one document that all depends on."""
    wanting: Mapping[str, str] = field(default_factory=dict)
    """Mode of a fault, or name of a case → what this kind does not yet do right."""

    def belief(self, case: Case) -> frozenset[str]:
        """The kinds of rows of which the case may be believed."""
        found = self.believed.get(case.name) or self.believed.get(case.mode)
        return found.kinds if found else frozenset()

    def patience(self, case: Case) -> bool:
        """Whether what the case did is made good only by the next full reading."""
        return case.name in self.patient or case.mode in self.patient

    def meets(self, case: Case) -> bool:
        """Whether the supplier has what the case is about."""
        concerns, _, _ = case.mode.partition("-")
        return bool(getattr(self.open().anatomy, ANATOMY.get(concerns, ""), True))

    def lack(self, case: Case) -> str | None:
        """What the kind is known not to do right."""
        return self.wanting.get(case.name) or self.wanting.get(case.mode)

    def settings(self, url: str, **limits: Any) -> SourceSettings:
        """A source that reads the simulator at ``url``."""
        return SourceSettings(NAME, self.kind, url, options=self.options, limits={"rates": NO_RATES, **limits})

    @asynccontextmanager
    async def started(self) -> AsyncIterator[tuple[Simulator, str]]:
        """The simulator, and its address."""
        simulator = Simulator(self.open())
        async with running(simulator) as url:
            yield simulator, url

    async def move_on(self, simulator: Simulator) -> None:
        """Let the supplier say something else."""
        actions = simulator.supply.actions()
        for name, body in self.change:
            await actions[name](msgspec.json.encode(body))


def subject(kind: str) -> Subject:
    """A kind of source. Skips the test while none of that kind is registered."""
    if kind not in KINDS:
        pytest.skip(f"no source of kind {kind} is registered")
    return declared(kind)


def declared(kind: str) -> Subject:
    """What ``kinds/<kind>.py`` declares."""
    found = import_module(f"tests.sync.conformance.kinds.{kind}").SUBJECT
    assert isinstance(found, Subject)
    return found
