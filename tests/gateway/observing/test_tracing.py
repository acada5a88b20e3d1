"""Spans, as a collector gets them over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from gateway.endpoint.exchange import Exchange
from gateway.observing.tracing import Tracing, is_configured, route
from tests.gateway.observing.exchanges import DOCUMENT, answered
from tests.gateway.observing.receiver import Received, receiver

ROOT = Path(__file__).parents[3]
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    with receiver() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{received.address}")
        yield received


def sent(collector: Received, exchange: Exchange, seconds: float, traceparent: str = "") -> tuple[Any, dict[str, Any]]:
    """The resource's attributes, and each span by its name."""
    tracing = Tracing()
    tracing.note(exchange, seconds, traceparent)
    tracing.close()
    [(path, body)] = collector.requests
    assert path == "/v1/traces"
    [of_resource] = ExportTraceServiceRequest.FromString(body).resource_spans
    [of_scope] = of_resource.scope_spans
    return of_resource.resource, {span.name: span for span in of_scope.spans}


def said(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def test_a_request_is_a_span_and_so_is_each_phase(collector: Received) -> None:
    exchange = answered(phases={"db": 0.03, "parse": 0.01, "encode": 0.02})

    resource, spans = sent(collector, exchange, 0.1)

    assert said(resource.attributes)["service.name"] == "larder"
    assert list(spans) == ["graphql.parse", "larder.db", "larder.encode", "POST /graphql"]
    root = spans["POST /graphql"]
    assert root.kind == 2
    assert (root.end_time_unix_nano - root.start_time_unix_nano) / 1e9 == pytest.approx(0.1)
    assert said(root.attributes) == {
        "http.request.method": "POST",
        "url.path": "/graphql",
        "http.response.status_code": 200,
        "http.response.body.size": 30_511,
        "graphql.operation.name": "Storefront",
        "graphql.operation.type": "query",
        "larder.document": DOCUMENT,
        "larder.client": "web",
        "larder.cache": "miss",
        "larder.executor": "plan",
        "larder.statements": 7,
        "larder.request_id": "request-1",
    }
    for name, seconds in (("graphql.parse", 0.01), ("larder.db", 0.03), ("larder.encode", 0.02)):
        span = spans[name]
        assert span.parent_span_id == root.span_id
        assert span.trace_id == root.trace_id
        assert (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9 == pytest.approx(seconds)
        assert root.start_time_unix_nano <= span.start_time_unix_nano
        assert span.end_time_unix_nano <= root.end_time_unix_nano
    assert said(spans["larder.db"].attributes) == {"db.system.name": "postgresql"}


def test_it_belongs_to_the_trace_of_whoever_asks(collector: Received) -> None:
    _, spans = sent(collector, answered(), 0.1, f"00-{TRACE}-{PARENT}-01")

    root = spans["POST /graphql"]
    assert (root.trace_id.hex(), root.parent_span_id.hex()) == (TRACE, PARENT)


@pytest.mark.parametrize("traceparent", ["nonsense", "00-0-0-00", f"ff-{TRACE}-{PARENT}-01"])
def test_what_is_no_traceparent_begins_a_trace(collector: Received, traceparent: str) -> None:
    _, spans = sent(collector, answered(), 0.1, traceparent)

    assert not spans["POST /graphql"].parent_span_id


def test_who_asks_may_say_that_it_is_not_sampled(collector: Received) -> None:
    tracing = Tracing()
    tracing.note(answered(), 0.1, f"00-{TRACE}-{PARENT}-00")
    tracing.close()

    assert not collector.requests


def test_a_failure_of_the_server_is_an_error(collector: Received) -> None:
    _, spans = sent(collector, answered(status=503, codes=("STORE_BUSY",), path="/graphql/ab"), 0.1)

    root = spans["POST /graphql/{documentId}"]
    assert root.status.code == 2
    assert said(root.attributes)["error.type"] == "STORE_BUSY"


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "TRUE"}, False),
    ],
)
def test_an_address_switches_it_on(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: bool) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert is_configured() is wanted


def test_neither_traces_nor_sentry_are_loaded_where_none_is_wanted() -> None:
    source = """
import sys
from gateway.configured.observing import ObservingSettings
from gateway.observing.observer import Observer
Observer(ObservingSettings(server_timing=False))
print([name for name in sys.modules if name.startswith(("opentelemetry", "sentry_sdk", "requests", "urllib3"))])
"""
    ended = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, check=True, timeout=60)

    assert ended.stdout == b"[]\n"


def test_the_paths_of_webhooks_are_one_route() -> None:
    assert {route(path) for path in ("/webhooks/corner", "/webhooks/corner/a/b")} == {"/webhooks/{source}"}
    assert route("/graphql") == "/graphql"
