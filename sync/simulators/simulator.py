"""Any simulated supplier: what it publishes, what it was told to do wrong, and a count of its answers."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable

from sync.simulators.control import PREFIX, Control
from sync.simulators.faults import Faults, misbehave
from sync.simulators.http import Exchange, Receive, Scope, Send, if_none_match
from sync.simulators.mutations import Right
from sync.simulators.server import running
from sync.simulators.supply import Supply

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Simulator:
    """The ASGI app over a supply. It understands ``If-None-Match`` wherever the right answer has an ETag."""

    def __init__(self, supply: Supply) -> None:
        self.supply = supply
        self.faults = Faults()
        self.answered: Counter[str] = Counter()
        self._control = Control(supply, self.faults, self.answered)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await Exchange.read(scope, receive, send, self.supply.now())
        if exchange.path == PREFIX or exchange.path.startswith(f"{PREFIX}/"):
            await exchange.answer(await self._control.answer(exchange))
            return
        fault = self.faults.meet(exchange.path, exchange.target)
        if fault is not None:
            self.answered[fault.mode] += 1
            right = Right([None], exchange, self.supply.anatomy, fault.every, self.supply.answer)
            await misbehave(right, fault)
            return
        answer = if_none_match(self.supply.answer(exchange), exchange.headers.get("if-none-match"))
        self.answered[str(answer.status)] += 1
        await exchange.answer(answer)


async def serve(
    supply: Supply, host: str = "127.0.0.1", port: int = 8100, *, announce: Callable[[str], None] = print
) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` is called once with the address, when requests are taken.

    Raises OSError for a taken port.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    async with running(Simulator(supply), host, port) as url:
        announce(url)
        await stop.wait()
