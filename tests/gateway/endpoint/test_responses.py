"""Answers: the media type that is agreed on, and the status."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.endpoint.errors import RequestError
from gateway.endpoint.responses import GRAPHQL_JSON, JSON, Answer, negotiate, refusal_status, status_of


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("  ", JSON),
        ("Application/GraphQL-Response+JSON", GRAPHQL_JSON),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", GRAPHQL_JSON),
        ("application/json, application/graphql-response+json", JSON),
        ("application/json;q=0.5, application/graphql-response+json;q=0.6", GRAPHQL_JSON),
        ("application/graphql-response+json;q=0.1, */*", JSON),
        ("application/json;q=0, */*", GRAPHQL_JSON),
        ("application/*;q=0.2, application/json;q=0.1", GRAPHQL_JSON),
        ("*/*;q=0.2, application/graphql-response+json;q=0", JSON),
        ("multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json;q=0.9", GRAPHQL_JSON),
        ("application/json; q = 1.000", JSON),
        ("application/json, application/json;q=0", JSON),
        ("application/json;q=2, application/graphql-response+json;q=0.001", GRAPHQL_JSON),
        ("application/json;charset=latin-1, application/*;q=0.1", GRAPHQL_JSON),
        ('application/json;charset="UTF-8"', JSON),
        ("application/json, " + "text/html, " * 100, JSON),
    ],
)
def test_the_media_type_that_is_accepted_best(accept: str, chosen: str) -> None:
    assert negotiate(accept) == chosen


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/jsonp",
        "application/json;q=0",
        "*/*;q=0",
        "application/json;q=nan",
        "application/json;q=inf",
        "application/json;q=-1",
        "application/json;q=1e0",
        "application/json;q=",
        "application/json;q=\u0661",
        "application/json;charset=utf-16",
        ",;,",
        "\xff\x00",
    ],
)
def test_nothing_of_ours_is_accepted(accept: str) -> None:
    for _ in range(2):
        with pytest.raises(RequestError, match="accept application/graphql-response") as caught:
            negotiate(accept)
        assert caught.value.status == 406


def test_of_a_long_list_the_beginning_is_read_and_shown() -> None:
    assert negotiate("text/html, " * 300 + JSON) == JSON

    with pytest.raises(RequestError) as caught:
        negotiate("text/html, " * 10_000 + JSON)

    assert len(caught.value.message) < 300


FAILED = {"data": {"a": None}, "errors": [{"message": "a", "extensions": {"code": "BAD_ARGUMENT"}}]}


def invalid(code: str) -> dict[str, Any]:
    return {"errors": [{"message": "a", "extensions": {"code": code}}]}


@pytest.mark.parametrize(
    ("answer", "plain", "ours", "drafted"),
    [
        (Answer(b'{"data":{}}', executed=True), 200, 200, 200),
        (Answer({"data": {}}, executed=True), 200, 200, 200),
        (Answer(FAILED, executed=True), 200, 200, 294),
        (Answer(invalid("GRAPHQL_PARSE_FAILED"), executed=False), 200, 400, 400),
        (Answer(invalid("GRAPHQL_VALIDATION_FAILED"), executed=False), 200, 400, 422),
        (Answer(invalid("BAD_VARIABLES"), executed=False), 200, 400, 422),
    ],
)
def test_statuses(answer: Answer, plain: int, ours: int, drafted: int) -> None:
    assert status_of(answer, JSON) == status_of(answer, JSON, draft=True) == plain
    assert status_of(answer, GRAPHQL_JSON) == ours
    assert status_of(answer, GRAPHQL_JSON, draft=True) == drafted


@pytest.mark.parametrize(
    ("status", "code", "drafted"),
    [(400, "OPERATION_RESOLUTION_FAILURE", 422), (400, "BAD_REQUEST", 400), (405, "OPERATION_NOT_SUPPORTED", 405)],
)
def test_statuses_of_refusals(status: int, code: str, drafted: int) -> None:
    error = RequestError(status, code, "a")

    assert refusal_status(error, GRAPHQL_JSON) == refusal_status(error, JSON, draft=True) == status
    assert refusal_status(error, GRAPHQL_JSON, draft=True) == drafted
