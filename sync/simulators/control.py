"""The simulator's own endpoints, under ``/_simulator``: what it serves, and how to change that.

- ``GET /_simulator``: what the supply tells of itself, published_at, how many requests were answered with which status
  or fault, the faults that are set.
- ``POST /_simulator/<action>``: one of the supply's own actions.
- ``POST /_simulator/fault``, ``DELETE /_simulator/fault``: see ``sync.simulators.faults``.

Each answers with what ``GET /_simulator`` would. A request that makes no sense is answered with 400 and ``{"error"}``,
one that the supply does not know in its mode with 409.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from sync.simulators.errors import SimulatorError, WrongMode
from sync.simulators.faults import Fault, Faults
from sync.simulators.http import Answer, Exchange, json_answer
from sync.simulators.supply import Supply

PREFIX = "/_simulator"


class Control:
    """Tells and changes what a simulator does."""

    def __init__(self, supply: Supply, faults: Faults, answered: Counter[str]) -> None:
        self._supply = supply
        self._faults = faults
        self._answered = answered

    async def answer(self, exchange: Exchange) -> Answer:
        """Do what the request asks and tell the state after it."""
        action = self._action(exchange)
        if action is None:
            return json_answer(404, {"error": f"no {exchange.method} {exchange.path} here"})
        try:
            await action(exchange.body)
        except WrongMode as exc:
            return json_answer(409, {"error": str(exc)})
        except (SimulatorError, msgspec.DecodeError) as exc:
            return json_answer(400, {"error": str(exc)})
        return json_answer(200, self._state())

    def _action(self, exchange: Exchange) -> Callable[[bytes], Awaitable[None]] | None:
        match exchange.method, exchange.path.removeprefix(PREFIX).removeprefix("/"):
            case "GET", "":
                return self._nothing
            case "POST", "fault":
                return self._add_fault
            case "DELETE", "fault":
                return self._clear_faults
            case "POST", name:
                return self._supply.actions().get(name)
        return None

    def _state(self) -> dict[str, Any]:
        return {
            **self._supply.describe(),
            "published_at": self._supply.now().isoformat(),
            "requests": dict(sorted(self._answered.items())),
            "faults": self._faults.listed(),
        }

    async def _nothing(self, body: bytes) -> None:
        """Only the state is asked for."""

    async def _add_fault(self, body: bytes) -> None:
        self._faults.add(msgspec.json.decode(body, type=Fault))

    async def _clear_faults(self, _body: bytes) -> None:
        self._faults.clear()
