"""What a client sees of an error, and what the log and listeners are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import GraphQLError
from structlog.testing import capture_logs

from gateway.endpoint import errors
from gateway.endpoint.errors import Phase, RequestError, failed_request, public_error
from gateway.observing.correlation import correlated
from loaders.errors import BadCursor, LarderError, StoreBusy

MASKED = {"message": errors.MASKED, "extensions": {"code": "INTERNAL_ERROR", "correlationId": "request-1"}}


@pytest.fixture
def heard() -> Iterator[list[BaseException]]:
    heard: list[BaseException] = []
    errors.listeners.append(heard.append)
    yield heard
    errors.listeners.remove(heard.append)


def field_error(cause: Exception) -> GraphQLError:
    return GraphQLError(str(cause), original_error=cause)


def test_a_bug_is_masked_and_told_to_those_inside(heard: list[BaseException]) -> None:
    bug = ValueError("SELECT secret")

    with correlated("request-1"), capture_logs() as logged:
        shown = public_error(field_error(bug), Phase.EXECUTION)

    assert shown == MASKED
    assert heard == [bug]
    assert [(line["event"], line["exc_info"]) for line in logged] == [("resolver failed", bug)]


def test_a_bug_outside_of_any_field_is_a_500(heard: list[BaseException]) -> None:
    bug = ValueError("SELECT secret")

    with correlated("request-1"):
        refused = failed_request(bug)

    assert refused.status == 500
    assert refused.payload() == {
        "errors": [
            {
                "message": "The server could not answer this request.",
                "extensions": {"code": "INTERNAL_ERROR", "correlationId": "request-1"},
            }
        ]
    }
    assert heard == [bug]


def test_outside_of_a_request_there_is_no_id() -> None:
    assert public_error(field_error(ValueError()), Phase.EXECUTION)["extensions"] == {"code": "INTERNAL_ERROR"}


@pytest.mark.parametrize(
    ("cause", "message", "code"),
    [
        (BadCursor("it is none"), "it is none", "BAD_CURSOR"),
        (StoreBusy("lane 3 of db.internal"), "No lane to the store came free in time.", "STORE_BUSY"),
    ],
)
def test_what_is_no_bug_has_no_id_and_is_told_to_nobody(
    heard: list[BaseException], cause: LarderError, message: str, code: str
) -> None:
    with correlated("request-1"):
        shown = public_error(field_error(cause), Phase.EXECUTION)

    assert shown == {"message": message, "extensions": {"code": code}}
    assert not heard


def test_a_listener_that_fails_changes_no_answer(heard: list[BaseException]) -> None:
    def fails(_bug: BaseException) -> None:
        raise OSError("no network")

    errors.listeners.insert(0, fails)
    try:
        with correlated("request-1"):
            shown = public_error(field_error(ValueError()), Phase.EXECUTION)
    finally:
        errors.listeners.remove(fails)

    assert shown == MASKED
    assert len(heard) == 1


def test_a_refusal_may_tell_more_than_its_code() -> None:
    refused = RequestError(400, "TOO_COSTLY", "it costs 9 of 5", extensions={"cost": 9})

    assert refused.payload() == {
        "errors": [{"message": "it costs 9 of 5", "extensions": {"code": "TOO_COSTLY", "cost": 9}}]
    }
