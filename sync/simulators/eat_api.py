"""A supplier that speaks eat-api (tum-dev.github.io/eat-api): static JSON documents, conditional GET by strong ETag.

- ``GET /canteens.json``, ``/enums/labels.json``, ``/{canteen_id}/{year}/{week:02}.json``: as eat-api publishes them.
- ``GET /stock.json``: ours, eat-api has nothing like it. ``[{canteen_id, date, name, state, until?, quantity?}]``.
  A dish that is not listed is available. ``state``: AVAILABLE, SOLD_OUT or HIDDEN; ``until``: instant with its offset.

It serves data generated for the day at hand, or a recording (``sync.simulators.replay``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from sync.simulators.anatomy import Anatomy
from sync.simulators.eat_api_data import Generated
from sync.simulators.eat_api_places import CANTEENS
from sync.simulators.errors import WrongMode
from sync.simulators.http import Answer, Exchange, document_answer, json_answer
from sync.simulators.replay import Replay
from sync.simulators.supply import Action

ANATOMY = Anatomy(
    rows=("/canteens.json", "/stock.json", "/*/*/*.json days[].dishes"),
    prices=("/*/*/*.json days[].dishes[].prices.*.base_price", "/*/*/*.json days[].dishes[].prices.*.price_per_unit"),
    ids=("/canteens.json [].canteen_id", "/stock.json [].canteen_id"),
    names=("/canteens.json [].name", "/stock.json [].name", "/*/*/*.json days[].dishes[].name"),
    tenants=("/stock.json [].canteen_id",),
    clocks=("/stock.json [].until",),
    maps=("/*/*/*.json days[].dishes[].prices",),
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``larder simulate eat_api --set`` may set. With ``replay``, a recorded folder, it starts at its ``step``."""

    seed: int = 1
    canteens: int = len(CANTEENS)
    replay: str | None = None
    step: int = 0


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_simulator/step``."""

    step: int


class Publish(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_simulator/publish``: a glob over canteens."""

    canteens: str = "*"


class EatApi:
    """Documents, generated or recorded, over HTTP.

    ``POST /_simulator/step {"step": N}``: serve publication N of a recording.
    ``POST /_simulator/publish {"canteens": "glob"}``: generated data only: the canteens that match (default: all)
    publish their next revision.
    """

    anatomy = ANATOMY

    def __init__(self, documents: Generated | Replay) -> None:
        self.documents = documents
        self.now = documents.now

    def describe(self) -> dict[str, Any]:
        return self.documents.describe()

    def actions(self) -> dict[str, Action]:
        return {"step": self._step, "publish": self._publish}

    def answer(self, exchange: Exchange) -> Answer:
        """The document that is published under the path."""
        if exchange.method not in {"GET", "HEAD"}:
            return json_answer(405, {"error": f"{exchange.method} is not allowed"}, Allow="GET, HEAD")
        document = self.documents.document(exchange.path.removeprefix("/"))
        if document is None:
            return json_answer(404, {"error": f"{exchange.path} is not published"})
        return document_answer(document)

    async def _step(self, body: bytes) -> None:
        if not isinstance(self.documents, Replay):
            raise WrongMode("generated data has no steps: start the simulator with a recording")
        self.documents.move(msgspec.json.decode(body, type=Step).step)

    async def _publish(self, body: bytes) -> None:
        if not isinstance(self.documents, Generated):
            raise WrongMode("a recording publishes nothing of its own: move its step")
        self.documents.publish(msgspec.json.decode(body or b"{}", type=Publish).canteens)


def open_supply(options: Options) -> EatApi:
    """The supply that ``options`` describe. Raises ``SimulatorError`` for an unreadable recording or step."""
    if options.replay is not None:
        return EatApi(Replay(Path(options.replay), options.step))
    return EatApi(Generated(options.seed, canteens=CANTEENS[: options.canteens]))
