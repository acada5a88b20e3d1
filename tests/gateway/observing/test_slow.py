"""The log of slow operations."""

from __future__ import annotations

from structlog.testing import capture_logs

from gateway.observing.slow import SlowLog
from tests.gateway.observing.exchanges import answered


def test_what_took_longer_is_told_with_where_the_time_went() -> None:
    slow = SlowLog(0.5)

    with capture_logs() as logged:
        slow.note(answered(phases={"db": 0.4}), 0.75)

    [line] = logged
    assert (line["event"], line["log_level"]) == ("slow operation", "warning")
    assert line["operation"] == "Storefront"
    assert line["milliseconds"] == 750.0
    assert line["phases"] == {"db": 400.0}
    assert slow.count == 1


def test_what_did_not_is_not() -> None:
    slow = SlowLog(0.5)

    with capture_logs() as logged:
        slow.note(answered(), 0.5)

    assert not logged
    assert slow.count == 0
