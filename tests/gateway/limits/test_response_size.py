"""Answers that are too large."""

from __future__ import annotations

import pytest

from gateway.endpoint.errors import RequestError
from gateway.limits.response_size import check_response_size


def test_an_answer_of_as_many_bytes_as_are_allowed_is_sent() -> None:
    check_response_size(1_000, 1_000)


def test_a_larger_one_is_refused_with_both_numbers() -> None:
    with pytest.raises(RequestError) as refusal:
        check_response_size(1_000_001, 1_000_000)

    assert (refusal.value.status, refusal.value.code) == (400, "RESPONSE_TOO_LARGE")
    assert refusal.value.message == "the response has 1,000,001 bytes; 1,000,000 bytes are allowed: ask for less"
