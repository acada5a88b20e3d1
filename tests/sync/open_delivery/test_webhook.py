from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sync.sources import KINDS
from sync.sources.open_delivery.webhook import MerchantUpdates
from sync.webhooks.notices import Delivered, Forged, Unreadable
from tests.sync.open_delivery.merchants import NOW, later

SECRET = b"access-token"
UPDATE = b'{"merchantStatus": "UNAVAILABLE"}'


def delivered(
    body: bytes = UPDATE, path: str = "/v1/merchantUpdate", authorization: str = "Bearer access-token"
) -> Delivered:
    return Delivered("https://larder.example/webhooks/plaza", path, {"authorization": authorization}, body, NOW)


def test_it_is_the_webhook_of_its_kind() -> None:
    assert isinstance(KINDS["open_delivery"].webhook, MerchantUpdates)
    assert MerchantUpdates.acknowledged == 204


@pytest.mark.parametrize("path", ["/v1/merchantUpdate", "/v1/menuUpdated", "/v1/merchantUpdate/"])
def test_an_update_wakes_the_stream_and_is_carried_to_it(path: str) -> None:
    (notice,) = MerchantUpdates().notices(delivered(path=path), SECRET)

    assert (notice.stream, notice.carries) == ("merchant", UPDATE)


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_update_is_carried_too_since_it_says_ask_again(body: bytes) -> None:
    (notice,) = MerchantUpdates().notices(delivered(body), SECRET)

    assert notice.carries == b"{}"


def test_the_same_words_at_another_time_are_another_event() -> None:
    (first,), (again,), (later_on,) = (
        MerchantUpdates().notices(one, SECRET)
        for one in (delivered(), delivered(), replace(delivered(), received_at=later(1)))
    )

    assert first.event_id == again.event_id != later_on.event_id


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer another", "Basic access-token", "access-token", "Bearer é"]
)
def test_without_the_token_it_is_forged(authorization: str) -> None:
    with pytest.raises(Forged, match="the Authorization header must be Bearer with the access token") as refusal:
        MerchantUpdates().notices(delivered(authorization=authorization), SECRET)

    assert SECRET.decode() not in str(refusal.value)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"[]", "an update must have the documented shape"),
        (b"{", "an update must have the documented shape"),
        (b'{"merchantStatus": 3}', "an update must have the documented shape"),
        (b'{"merchantStatus": "ASLEEP"}', "merchantStatus must be one of AVAILABLE, UNAVAILABLE"),
        (b'{"entityType": "ITEM"}', "updatedObjects must not be empty beside an entityType"),
        (b'{"entityType": "ITEM", "updatedObjects": []}', "updatedObjects must not be empty beside an entityType"),
        (b'{"updatedObjects": [{}]}', "updatedObjects must have an entityType"),
    ],
)
def test_an_update_that_nobody_can_read_is_refused(body: bytes, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        MerchantUpdates().notices(delivered(body), SECRET)

    assert refusal.value.rule == rule


def test_an_entity_type_of_a_later_version_is_taken() -> None:
    update: dict[str, Any] = {"entityType": "COMBO", "updatedObjects": [{"id": "1"}]}

    assert len(MerchantUpdates().notices(delivered(json.dumps(update).encode()), SECRET)) == 1


def test_another_path_is_refused() -> None:
    with pytest.raises(Unreadable, match="the path must be /v1/merchantUpdate"):
        MerchantUpdates().notices(delivered(path="/v1/newEvent"), SECRET)
