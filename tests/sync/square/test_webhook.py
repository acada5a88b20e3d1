"""Square's notifications: signed, in time, and worth a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from sync.simulators.http import Answer, Exchange, Receive, Scope, Send
from sync.simulators.server import running
from sync.simulators.square import Options, Seller
from sync.sources.square.webhook import SIGNATURE, SquareWebhook, signature
from sync.webhooks.notices import Delivered, Forged, Notice, Unreadable

KEY = b"asdf1234"
URL = "https://example.com/webhook"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(**changed: Any) -> bytes:
    told = {
        "merchant_id": "M",
        "type": "catalog.version.updated",
        "event_id": "E1",
        "created_at": "2026-03-01T11:59:00Z",
    }
    return msgspec.json.encode({**told, "type": "catalog.version.updated", **changed})


def delivered(body: bytes, *, key: bytes = KEY, url: str = URL, path: str = "", told: str | None = None) -> Delivered:
    signed = {SIGNATURE: signature(URL, body, key).decode() if told is None else told}
    return Delivered(url, path, signed, body, NOW)


def test_the_signature_of_the_documentation() -> None:
    """The sample of "Validate notifications" in Square's guide."""
    body = b'{"hello":"world"}'

    assert signature(URL, body, KEY) == b"2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="


@pytest.mark.parametrize(
    ("kind", "streams"),
    [
        ("catalog.version.updated", ["catalog", "inventory"]),
        ("inventory.count.updated", ["inventory"]),
        ("payment.created", []),
    ],
)
def test_what_an_event_makes_worth_a_run(kind: str, streams: list[str]) -> None:
    notices = SquareWebhook().notices(delivered(event(type=kind)), KEY)

    assert notices == [Notice(f"E1/{stream}", stream) for stream in streams]


@pytest.mark.parametrize(
    "forged",
    [
        delivered(event(), key=b"other"),
        delivered(event(), url="https://example.com/other"),
        delivered(event(), path="/more"),
        delivered(event(), told=""),
        delivered(event(), told="naïve"),
        Delivered(URL, "", {}, event(), NOW),
        Delivered(URL, "", {SIGNATURE: signature(URL, event(), KEY).decode()}, event(type="x"), NOW),
    ],
)
def test_what_is_not_signed_is_forged(forged: Delivered) -> None:
    with pytest.raises(Forged, match="must be the signature of this address and body"):
        SquareWebhook().notices(forged, KEY)


@pytest.mark.parametrize(
    ("age", "taken"),
    [
        (timedelta(hours=25), True),
        (timedelta(hours=27), False),
        (-timedelta(minutes=4), True),
        (-timedelta(hours=1), False),
    ],
)
def test_what_is_too_old_or_to_come_is_forged(age: timedelta, taken: bool) -> None:
    sent = delivered(event(created_at=(NOW - age).isoformat()))

    if taken:
        assert SquareWebhook().notices(sent, KEY)
    else:
        with pytest.raises(Forged, match="created_at"):
            SquareWebhook().notices(sent, KEY)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", event(event_id=7), event(created_at="now"), b"\xff"])
def test_what_is_signed_and_says_nothing_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        SquareWebhook().notices(delivered(body), KEY)


async def test_the_simulator_tells_of_its_changes_signed() -> None:
    taken: list[Notice] = []
    heard: list[str] = []

    async def subscriber(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await Exchange.read(scope, receive, send, NOW)
        address = f"http://{exchange.headers['host']}{exchange.path}"
        sent = Delivered(address, "", exchange.headers, exchange.body, datetime.now(UTC))
        taken.extend(SquareWebhook().notices(sent, KEY))
        heard.append(msgspec.json.decode(exchange.body)["type"])
        await exchange.answer(Answer(200))

    async with running(subscriber) as url:
        seller = Seller(Options(items=3, webhook_url=f"{url}/webhooks/shop", webhook_secret=KEY.decode()))
        for name, body in {
            "price": b"{}",
            "sell_out": b'{"id":"ITEM00001","until":"2099-01-01T00:00:00Z"}',
            "count": b'{"id":"ITEM00001V0","location":"LOC000","quantity":3}',
            "delete": b"{}",
            "revive": b"{}",
        }.items():
            await seller.actions()[name](body)

    assert heard == ["catalog.version.updated"] * 2 + ["inventory.count.updated"] + ["catalog.version.updated"] * 2
    assert len({notice.event_id for notice in taken}) == len(taken) == 9
