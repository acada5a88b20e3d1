"""The simulator's own endpoints, under ``/_simulator``: what it serves, and how to change that.

- ``GET /_simulator``: mode, step or revision, published_at, how many requests were answered with which status or fault.
- ``POST /_simulator/step {"step": N}``: serve publication N of a recording.
- ``POST /_simulator/publish {"canteens": "glob"}``: generated data only: the canteens that match (default: all) publish
  their next revision.
- ``POST /_simulator/fault``, ``DELETE /_simulator/fault``: see ``sync.simulators.faults``.

Each answers with what ``GET /_simulator`` would. A request that makes no sense is answered with 400 and ``{"error"}``,
one that the mode does not know with 409.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sync.simulators.eat_api_data import Generated
from sync.simulators.errors import SimulatorError, WrongMode
from sync.simulators.faults import Fault, Faults
from sync.simulators.http import Answer, Exchange, json_answer
from sync.simulators.replay import Replay

PREFIX = "/_simulator"


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_simulator/step``."""

    step: int


class Publish(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_simulator/publish``."""

    canteens: str = "*"


class Control:
    """Tells and changes what a simulator does."""

    def __init__(self, supply: Generated | Replay, faults: Faults, answered: Counter[str]) -> None:
        self._supply = supply
        self._faults = faults
        self._answered = answered
        self._actions: Mapping[tuple[str, str], Callable[[bytes], None]] = {
            ("GET", PREFIX): lambda _body: None,
            ("POST", f"{PREFIX}/step"): self._step,
            ("POST", f"{PREFIX}/publish"): self._publish,
            ("POST", f"{PREFIX}/fault"): self._add_fault,
            ("DELETE", f"{PREFIX}/fault"): lambda _body: self._faults.clear(),
        }

    def answer(self, exchange: Exchange) -> Answer:
        """Do what the request asks and tell the state after it."""
        action = self._actions.get((exchange.method, exchange.path))
        if action is None:
            return json_answer(404, {"error": f"no {exchange.method} {exchange.path} here"})
        try:
            action(exchange.body)
        except WrongMode as exc:
            return json_answer(409, {"error": str(exc)})
        except (SimulatorError, msgspec.DecodeError) as exc:
            return json_answer(400, {"error": str(exc)})
        return json_answer(200, self._state())

    def _state(self) -> dict[str, Any]:
        return {
            **self._supply.describe(),
            "published_at": self._supply.now().isoformat(),
            "requests": dict(sorted(self._answered.items())),
            "faults": self._faults.listed(),
        }

    def _step(self, body: bytes) -> None:
        if not isinstance(self._supply, Replay):
            raise WrongMode("generated data has no steps: start the simulator with a recording")
        self._supply.move(msgspec.json.decode(body, type=Step).step)

    def _publish(self, body: bytes) -> None:
        if not isinstance(self._supply, Generated):
            raise WrongMode("a recording publishes nothing of its own: move its step")
        self._supply.publish(msgspec.json.decode(body or b"{}", type=Publish).canteens)

    def _add_fault(self, body: bytes) -> None:
        self._faults.add(msgspec.json.decode(body, type=Fault))
