"""Bugs told to Sentry, as its server gets them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.errors import ConfigError
from gateway.observing.correlation import correlated
from gateway.observing.sentry import Sentry, scrubbed
from tests.gateway.observing.receiver import receiver


def fail(variable: str) -> None:
    token = f"token {variable}"
    try:
        int(variable)
    except ValueError as error:
        raise LookupError(token) from error


def test_a_bug_is_told_with_its_place_and_the_correlation_id_and_nothing_else() -> None:
    with receiver() as received:
        sentry = Sentry(f"http://key@{received.address}/1")
        with correlated("request-1"):
            try:
                fail("hunter2")
            except LookupError as error:
                sentry.tell(error)
        sentry.close()

    [(path, body)] = received.requests
    assert path == "/api/1/envelope/"
    assert b"hunter2" not in body
    event: dict[str, Any] = json.loads(body.splitlines()[2])
    assert event["tags"] == {"request_id": "request-1"}
    assert [exception["type"] for exception in event["exception"]["values"]] == ["ValueError", "LookupError"]
    frames = event["exception"]["values"][1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fail"
    assert not {"vars", "context_line", "pre_context"} & {key for frame in frames for key in frame}
    assert not {"request", "user", "breadcrumbs", "server_name"} & set(event)


def test_what_a_request_held_is_left_out() -> None:
    event = scrubbed(
        {
            "request": {"cookies": "session", "headers": {"authorization": "Bearer"}, "data": {"variables": {}}},
            "user": {"id": 1},
            "exception": {"values": [{"type": "ValueError", "value": "hunter2", "stacktrace": None}]},
        }
    )

    told = {"type": "ValueError", "value": "the log has the message", "stacktrace": None}
    assert event == {"exception": {"values": [told]}}


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="LARDER_SENTRY_DSN: Missing public key"):
        Sentry("http://sentry.example/1")
