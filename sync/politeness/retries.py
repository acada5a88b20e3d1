"""When a request is sent again: full jitter, Retry-After, and a budget for all retries together."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

RETRY_BASE_SECONDS, RETRY_CAP_SECONDS = 0.1, 1.0
THROTTLED_BASE_SECONDS, THROTTLED_CAP_SECONDS = 1.0, 30.0
RESERVE = 10.0
"""Retries that any pull may have, however few its documents are."""


def clock(date: str | None) -> datetime | None:
    """An HTTP Date as an aware instant (UTC), None when absent or unreadable."""
    if date is None:
        return None
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)


def backoff_seconds(attempt: int) -> float:
    """How long to wait after attempt number ``attempt``, from 1 (M. Brooker, "Exponential Backoff And Jitter")."""
    longest = min(RETRY_CAP_SECONDS, RETRY_BASE_SECONDS * 2**attempt)
    return random.uniform(0, longest)  # noqa: S311 - spreads load, guards nothing


def told_seconds(status: int, headers: Mapping[str, str], failures: int, longest: float) -> float:
    """For how long an answer asks to be left alone; 0: it does not.

    ``headers``: names in lower case. ``failures``: in a row before it. A 429 without Retry-After asks for a second, for
    more the more often it comes. Retry-After (RFC 9110, section 10.2.3) is believed up to ``longest``.
    """
    told = retry_after_seconds(headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        if told is None:
            rise = min(THROTTLED_CAP_SECONDS, THROTTLED_BASE_SECONDS * 2 ** min(failures, 10))
            told = random.uniform(0, rise)  # noqa: S311 - spreads load, guards nothing
        told = max(told, THROTTLED_BASE_SECONDS)
    return min(told or 0.0, longest)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds. A date is read by the supplier's own clock, its Date header, where it tells one."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until = clock(value or None)
    if until is None:
        return None
    return max(0.0, (until - (clock(headers.get("date")) or datetime.now(UTC))).total_seconds())


class RetryBudget:
    """Retries as a share of requests, so that a supplier that fails is not asked several times as often.

    As in Finagle's RetryBudget: each document pays in ``share``, each retry takes 1 out; what is saved is bounded, so
    that the last documents count and not those of long ago.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._saved = RESERVE

    def pay_in(self) -> None:
        """A document is asked for."""
        self._saved = min(self._saved + self._share, RESERVE)

    def take_out(self) -> bool:
        """Whether a retry may be sent; counted if so."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True
