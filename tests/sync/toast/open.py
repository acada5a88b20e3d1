"""The simulated Toast, open for business."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.settings import SourceSettings
from sync.simulators.faults import Fault
from sync.simulators.server import running
from sync.simulators.simulator import Simulator
from sync.simulators.toast import Options, Toast

QUICK: Mapping[str, Any] = {"rates": [{"per_second": 1_000, "burst": 1_000}], "attempts": 1, "request_seconds": 5}
PATIENT = {"menus_per_second": 1_000, "per_second": 10_000}


@dataclass
class Open:
    """A simulated Toast at ``url``."""

    simulator: Simulator
    toast: Toast
    url: str

    @property
    def guids(self) -> list[str]:
        return list(self.toast.restaurants)

    async def do(self, action: str, **body: Any) -> None:
        """One of the simulator's actions."""
        await self.toast.actions()[action](msgspec.json.encode(body))

    def fault(self, mode: str, path: str = "*") -> None:
        self.simulator.faults.add(Fault(mode=mode, path=path))

    def settings(self, *, limits: Mapping[str, Any] = QUICK, **options: Any) -> SourceSettings:
        """A source that reads all restaurants, patiently for a test."""
        return SourceSettings("toast", "toast", self.url, options={"restaurants": self.guids, **options}, limits=limits)


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[Open]:
    """A simulated Toast of two small restaurants that minds no rates; ``options`` are the simulator's."""
    toast = Toast(Options(**{"items": 16, **PATIENT, **options}))
    simulator = Simulator(toast)
    async with running(simulator) as url:
        yield Open(simulator, toast, url)
