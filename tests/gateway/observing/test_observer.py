"""What is told of a request altogether, by the settings."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.configured.observing import ObservingSettings
from gateway.endpoint import errors
from gateway.logs import configure_logs
from gateway.observing.correlation import correlated
from gateway.observing.families import FAMILIES
from gateway.observing.observer import Observer
from tests.gateway.observing.exchanges import answered
from tests.gateway.observing.receiver import receiver

OFF: dict[str, Any] = {
    "log_format": "json",
    "access_log": "off",
    "slow_seconds": 0.0,
    "server_timing": False,
    "metrics": "off",
}


def settings(**known: Any) -> ObservingSettings:
    return ObservingSettings(**{**OFF, **known})


async def test_what_is_off_is_never_asked() -> None:
    observer = Observer(settings())

    observer.finished(answered())

    assert observer.timing is None
    assert not observer.traces
    assert not observer.requests.totals
    assert observer._sees == []


async def test_everything_sees_the_same_request(tmp_path: Path) -> None:
    path = tmp_path / "log"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    observer = Observer(settings(access_log="on", metrics="on", slow_seconds=1e-9), descriptor=descriptor)
    await observer.open()

    observer.finished(answered())
    await observer.close()

    os.close(descriptor)
    assert json.loads(path.read_bytes())["request_id"] == "request-1"
    assert observer.slow is not None
    assert observer.slow.count == 1
    [total] = observer.requests.totals.values()
    assert total.seconds > 0


async def test_bugs_are_told_to_sentry_from_opening_to_closing() -> None:
    with receiver() as received:
        observer = Observer(settings(sentry_dsn=f"http://key@{received.address}/1"))
        await observer.open()
        errors.tell_of_bug("failed", ValueError())
        await observer.close()
        errors.tell_of_bug("failed", ValueError())

    assert len(received.requests) == 1


@pytest.mark.parametrize(
    ("value", "share"), [("on", 1.0), ("off", 0.0), ("errors", 0.0), ("0.25", 0.25), ("1", 1.0), ("0", 0.0)]
)
def test_the_share_of_requests_that_are_logged(value: str, share: float) -> None:
    assert settings(access_log=value).access_share == share


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_every_line_of_a_request_has_its_id_and_no_local_variables(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = structlog.get_config()
    configure_logs(log_format)
    try:
        secret = "hunter" + "2"
        with correlated("request-1"):
            try:
                [][len(secret)]
            except LookupError as error:
                structlog.get_logger("test").error("failed", exc_info=error, number=2**70, path=["a", 1], other=object)
        structlog.get_logger("test").info("later")
    finally:
        structlog.configure(**before)

    written = capsys.readouterr().out
    assert "hunter2" not in written
    assert "IndexError" in written
    first, later = written.rstrip().rsplit("\n", 1)
    assert "request-1" in first
    assert "request-1" not in later
    if log_format == "json":
        line = json.loads(first)
        assert (line["event"], line["level"], line["request_id"], line["number"]) == (
            "failed",
            "error",
            "request-1",
            2**70,
        )


def test_within_a_request_another_one_is_told_apart() -> None:
    with correlated("outer"):
        with correlated("inner"):
            assert errors.correlation() == {"correlationId": "inner"}
        assert errors.correlation() == {"correlationId": "outer"}
    assert errors.correlation() == {}


def test_names_of_metrics_follow_their_kind() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    for family in FAMILIES:
        assert family.name.startswith("larder_")
        assert family.name.endswith("_total") is (family.kind == "counter")
