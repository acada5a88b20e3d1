"""Requests that another site's page could have sent in a user's name."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.endpoint.csrf import check_preflight
from gateway.endpoint.errors import RequestError

QUERY = {"query": "{ a }"}


@pytest.mark.parametrize(
    ("headers", "parameters", "path_id"),
    [
        ({}, QUERY, None),
        ({b"apollo-require-preflight": b""}, QUERY, None),
        ({b"content-type": b"text/plain"}, QUERY, None),
        ({b"content-type": b"application/x-www-form-urlencoded"}, QUERY, None),
        ({b"content-type": b"text/plain; a=application/json"}, QUERY, None),
        ({}, {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "a"}}}, None),
        ({}, {"documentId": "", **QUERY}, None),
        ({b"apollo-require-preflight2": b"1"}, QUERY, None),
        ({}, {"documentId": "abc", **QUERY}, None),
        ({}, {"doc_id": "abc", **QUERY}, None),
        ({}, {"id": "abc", **QUERY}, None),
        ({}, QUERY, "abc"),
        ({}, {"documentId": "abc", **QUERY}, "abc"),
    ],
)
def test_without_a_preflight_a_get_with_cookies_is_refused(
    headers: dict[bytes, bytes], parameters: dict[str, Any], path_id: str | None
) -> None:
    with pytest.raises(RequestError) as caught:
        check_preflight(headers, parameters, path_id, cookies_authenticate=True)

    assert (caught.value.status, caught.value.code) == (400, "PREFLIGHT_REQUIRED")
    check_preflight(headers, parameters, path_id, cookies_authenticate=False)


@pytest.mark.parametrize(
    ("headers", "parameters", "path_id"),
    [
        ({b"apollo-require-preflight": b"1"}, QUERY, None),
        ({b"graphql-require-preflight": b"no"}, QUERY, None),
        ({b"x-apollo-operation-name": b"A"}, QUERY, None),
        ({b"content-type": b"Application/JSON; charset=utf-8"}, QUERY, None),
        ({}, {"documentId": "abc"}, None),
        ({}, {"doc_id": "abc"}, None),
        ({}, {"id": "abc"}, None),
        ({}, {}, "abc"),
    ],
)
def test_what_no_page_can_send_or_choose_passes(
    headers: dict[bytes, bytes], parameters: dict[str, Any], path_id: str | None
) -> None:
    check_preflight(headers, parameters, path_id, cookies_authenticate=True)
