"""A supplier that speaks eat-api (tum-dev.github.io/eat-api): static JSON documents, conditional GET by strong ETag.

- ``GET /canteens.json``, ``/enums/labels.json``, ``/{canteen_id}/{year}/{week:02}.json``: as eat-api publishes them.
- ``GET /stock.json``: ours, eat-api has nothing like it. ``[{canteen_id, date, name, state, until?, quantity?}]``.
  A dish that is not listed is available. ``state``: AVAILABLE, SOLD_OUT or HIDDEN; ``until``: instant with its offset.
- ``/_simulator``: see ``sync.simulators.control``, and ``sync.simulators.faults`` for what can go wrong on purpose.

It serves data generated for the day at hand, or a recording (``sync.simulators.replay``).
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sync.simulators.control import PREFIX, Control
from sync.simulators.eat_api_data import Generated
from sync.simulators.faults import Faults, misbehave
from sync.simulators.http import Answer, Exchange, Receive, Scope, Send, document_answer, if_none_match, json_answer
from sync.simulators.replay import Replay
from sync.simulators.server import running

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class EatApi:
    """The ASGI app over a supply."""

    def __init__(self, supply: Generated | Replay) -> None:
        self._supply = supply
        self._faults = Faults()
        self._answered: Counter[str] = Counter()
        self._control = Control(supply, self._faults, self._answered)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await Exchange.read(scope, receive, send, self._supply.now())
        if exchange.path.startswith(PREFIX):
            await exchange.answer(self._control.answer(exchange))
            return
        right = self._right_answer(exchange)
        fault = self._faults.meet(exchange.path)
        if fault is not None:
            self._answered[fault.mode] += 1
            await misbehave(exchange, fault, right)
            return
        answer = if_none_match(right, exchange.headers.get("if-none-match"))
        self._answered[str(answer.status)] += 1
        await exchange.answer(answer)

    def _right_answer(self, exchange: Exchange) -> Answer:
        if exchange.method not in {"GET", "HEAD"}:
            return json_answer(405, {"error": f"{exchange.method} is not allowed"}, Allow="GET, HEAD")
        document = self._supply.document(exchange.path.removeprefix("/"))
        if document is None:
            return json_answer(404, {"error": f"{exchange.path} is not published"})
        return document_answer(document)


async def serve(
    host: str = "127.0.0.1",
    port: int = 8100,
    *,
    replay: Path | None = None,
    step: int | None = None,
    announce: Callable[[str], None] = print,
) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` is called once with the address, when requests are taken.

    Raises OSError for a taken port, SimulatorError for an unreadable recording or a step that it does not have.
    """
    supply = Generated() if replay is None else Replay(replay, step or 0)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    async with running(EatApi(supply), host, port) as url:
        announce(url)
        await stop.wait()
