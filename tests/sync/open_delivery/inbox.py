"""An address that takes a supplier's updates into the inbox, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import psycopg

from sync.simulators.http import Answer, Exchange, Receive, Scope, Send
from sync.simulators.server import running
from sync.sources.open_delivery.webhook import MerchantUpdates
from sync.webhooks.arrivals import Arrival, take
from sync.webhooks.notices import Delivered, Forged

SECRET = "access-token"  # noqa: S105 - the simulator's


@asynccontextmanager
async def taking(source: str, store: str) -> AsyncIterator[str]:
    """The address to give to the supplier of ``source``."""

    async def inbox(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await Exchange.read(scope, receive, send, datetime.now(UTC))
        delivered = Delivered("", exchange.path, exchange.headers, exchange.body, datetime.now(UTC))
        try:
            notices = MerchantUpdates().notices(delivered, SECRET.encode())
        except Forged:
            await exchange.answer(Answer(401))
            return
        arrivals = [Arrival(source, one.event_id, one.stream, delivered.received_at, one.carries) for one in notices]
        async with await psycopg.AsyncConnection.connect(store, autocommit=True) as connection:
            await take(connection, arrivals)
        await exchange.answer(Answer(MerchantUpdates.acknowledged))

    async with running(inbox) as url:
        yield url
