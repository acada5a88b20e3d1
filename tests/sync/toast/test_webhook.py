"""Toast's webhooks: signed, timely, and nothing but a reason to ask."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from sync.sources import KINDS
from sync.sources.toast.webhook import ToastWebhook
from sync.webhooks.notices import Delivered, Forged, Notice, Unreadable
from tests.sync.toast.published import GUID

SECRET = b"c2VjcmV0LW9mLXRoZS1zdG9jaw"
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MENUS = {"eventCategory": "menus", "eventType": "menus_updated", "guid": "event-1", "details": {"restaurantGuid": GUID}}
STOCK = {
    "eventCategory": "stock",
    "eventType": "out_of_stock",
    "guid": "event-2",
    "details": {"itemGuid": "soup", "restaurantGuid": GUID, "status": "OUT_OF_STOCK", "quantity": None},
}


def delivered(
    message: Any, *, secret: bytes = SECRET, at: datetime = AT, headers: Mapping[str, str] = MappingProxyType({})
) -> Delivered:
    """A message as the supplier signs it; ``headers`` take the place of its own."""
    told = {"timestamp": at.isoformat(), **message} if isinstance(message, dict) else message
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    timestamp = str(told.get("timestamp")) if isinstance(told, dict) else ""
    signature = b64encode(hmac.new(secret, body + timestamp.encode(), hashlib.sha256).digest()).decode()
    return Delivered("https://x.example/webhooks/toast", "", {"toast-signature": signature, **headers}, body, AT)


def notices(found: Delivered, secret: bytes = SECRET) -> list[Notice]:
    return list(ToastWebhook().notices(found, secret))


def test_the_signature_is_the_documented_one() -> None:
    """base64(HMAC-SHA256(secret, body + timestamp)), worked out with openssl."""
    body = b'{"timestamp":"2026-03-02T12:00:00.000Z","eventCategory":"menus","guid":"g"}'
    headers = {"toast-signature": "7ew5TWK2oFYCl12POeaPDrsY2lbOwuT3NBTKqUp7p6Y="}
    found = Delivered("https://x.example", "", headers, body, AT)

    assert notices(found, b"secret") == [Notice("g", "menu")]


@pytest.mark.parametrize(("message", "stream"), [(MENUS, "menu"), (STOCK, "stock")])
def test_a_message_wakes_its_stream_and_carries_nothing(message: dict[str, Any], stream: str) -> None:
    assert notices(delivered(message)) == [Notice(message["guid"], stream)]


def test_a_message_that_is_sent_again_is_the_same_event() -> None:
    first = delivered(STOCK)
    again = delivered(STOCK, headers={"toast-attempt-number": "2"})

    assert notices(first) == notices(again)


def test_a_message_without_a_guid_is_known_by_its_content() -> None:
    nameless = {name: value for name, value in STOCK.items() if name != "guid"}
    one, same = notices(delivered(nameless)), notices(delivered(nameless))
    other = notices(delivered({**nameless, "eventType": "in_stock"}))

    assert one == same
    assert one[0].event_id != other[0].event_id


def test_what_nobody_reads_is_acknowledged() -> None:
    assert notices(delivered({**MENUS, "eventCategory": "partners"})) == []
    assert KINDS["toast"].webhook is not None
    assert KINDS["toast"].webhook.acknowledged == 200


def test_each_subscription_has_its_secret() -> None:
    both = b"secret-of-menus\nsecret-of-stock\n"

    assert notices(delivered(MENUS, secret=b"secret-of-menus"), both)
    assert notices(delivered(STOCK, secret=b"secret-of-stock"), both)


@pytest.mark.parametrize(
    "found",
    [
        delivered(MENUS, secret=b"another"),
        delivered(MENUS, headers={"toast-signature": ""}),
        delivered(MENUS, headers={"toast-signature": "é"}),
        delivered(MENUS, headers={"toast-signature": b64encode(b"0" * 32).decode()}),
    ],
)
def test_a_message_that_another_signed_is_forged(found: Delivered) -> None:
    with pytest.raises(Forged, match="Toast-Signature must be the message's"):
        notices(found)


def test_without_a_secret_every_message_is_forged() -> None:
    with pytest.raises(Forged):
        notices(delivered(MENUS, secret=b""), b"")


def test_a_changed_message_is_forged() -> None:
    found = delivered(STOCK)
    changed = Delivered(found.url, "", found.headers, found.body.replace(b"OUT_OF", b"IN"), AT)

    with pytest.raises(Forged):
        notices(changed)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"{}", b'{"timestamp":7}', b"[" * 100_000])
def test_what_has_no_timestamp_cannot_be_the_suppliers(body: bytes) -> None:
    with pytest.raises(Forged, match="the message must"):
        notices(delivered(body))


@pytest.mark.parametrize("late", [timedelta(minutes=10, seconds=1), -timedelta(minutes=10, seconds=1)])
def test_an_old_message_is_a_repetition(late: timedelta) -> None:
    with pytest.raises(Forged, match="timestamp must lie within 600 seconds"):
        notices(delivered(MENUS, at=AT - late))


@pytest.mark.parametrize("late", [timedelta(minutes=9), -timedelta(minutes=9)])
def test_a_message_may_be_late_and_clocks_may_differ(late: timedelta) -> None:
    assert notices(delivered(MENUS, at=AT - late))


def test_a_time_without_an_offset_is_utc() -> None:
    assert notices(delivered({**MENUS, "timestamp": "2026-03-02T12:00:00.000"}))


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ({**MENUS, "timestamp": "today"}, "timestamp must be a time of ISO 8601"),
        ({**MENUS, "eventCategory": None}, "eventCategory must be text"),
    ],
)
def test_a_signed_message_that_nobody_can_read_is_named(message: dict[str, Any], rule: str) -> None:
    with pytest.raises(Unreadable) as caught:
        notices(delivered(message))

    assert caught.value.rule == rule
