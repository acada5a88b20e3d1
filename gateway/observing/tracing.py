"""Spans for OpenTelemetry, made when a request is answered: none of it runs before.

Set up by the variables of its specification (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/)
and named after its conventions for HTTP and GraphQL.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from gateway.endpoint.exchange import Exchange
from gateway.errors import ConfigError
from gateway.observing.timing import PHASES

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
NANOSECONDS = 1_000_000_000
SERVER_ERROR = 500
SPANS = {"parse": "graphql.parse", "validate": "graphql.validate", "plan": "graphql.plan"}
CALLS = {"db": {"db.system.name": "postgresql"}, "cache": {"db.system.name": "redis"}}
"""Phases that wait for somebody else."""


def is_configured() -> bool:
    """Whether spans are wanted: an address for them is set, and they are not switched off."""
    wanted = any(os.environ.get(name) for name in ENDPOINTS)
    return wanted and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


class Tracing:
    """Sends a span for each request that is sampled, with one below it for each phase.

    A phase's length is as measured. Its begin is where the one before it ended, as what lies between is not recorded.
    Raises ``ConfigError`` where the extra ``otel`` is not installed.
    """

    def __init__(self) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
            from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context  # noqa: PLC0415
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415
        except ImportError as error:
            raise ConfigError(ENDPOINTS[0], "needs the extra larder[otel]") from error
        named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": "larder"}
        self.provider: TracerProvider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self.provider.get_tracer("larder")
        self._propagator = TraceContextTextMapPropagator()
        self._kinds = SpanKind
        self._failed = Status(StatusCode.ERROR)
        self._below = set_span_in_context

    def note(self, exchange: Exchange, seconds: float, traceparent: str = "") -> None:
        """One request, ``seconds`` after it came. traceparent: the W3C header of that name."""
        ended = time.time_ns()
        began = ended - int(seconds * NANOSECONDS)
        span = self._tracer.start_span(
            f"{exchange.method} {route(exchange.path)}",
            self._parent(traceparent),
            kind=self._kinds.SERVER,
            attributes=attributes(exchange),
            start_time=began,
        )
        if span.is_recording():
            if exchange.status >= SERVER_ERROR:
                span.set_status(self._failed)
            context = self._below(span)
            for name in sorted(exchange.phases, key=order):
                length = int(exchange.phases[name] * NANOSECONDS)
                kind = self._kinds.CLIENT if name in CALLS else self._kinds.INTERNAL
                part = self._tracer.start_span(
                    SPANS.get(name, f"larder.{name}"), context, kind=kind, attributes=CALLS.get(name), start_time=began
                )
                began = min(began + length, ended)
                part.end(began)
        span.end(ended)

    def close(self) -> None:
        """Send what is left."""
        self.provider.shutdown()

    def _parent(self, traceparent: str) -> Context | None:
        return self._propagator.extract({"traceparent": traceparent}) if traceparent else None


def order(phase: str) -> int:
    """Phases in the order in which they take place."""
    return PHASES.index(phase) if phase in PHASES else len(PHASES)


ROUTES = {"/graphql/": "/graphql/{documentId}", "/webhooks/": "/webhooks/{source}"}
"""How paths begin that have many ends, and what they are called together."""


def route(path: str) -> str:
    """The path without what there are many of."""
    return next((name for start, name in ROUTES.items() if path.startswith(start)), path)


def attributes(exchange: Exchange) -> dict[str, Any]:
    """What a span says of its request, in the words of the conventions where these have any."""
    said = {
        "http.request.method": exchange.method,
        "url.path": exchange.path,
        "http.response.status_code": exchange.status,
        "http.response.body.size": exchange.sent_bytes,
        "graphql.operation.name": exchange.operation,
        "graphql.operation.type": "query" if exchange.executor or exchange.cache else None,
        "larder.document": exchange.document,
        "larder.client": exchange.client,
        "larder.cache": exchange.cache or None,
        "larder.executor": exchange.executor or None,
        "larder.statements": exchange.statements,
        "larder.request_id": exchange.id,
        "error.type": ",".join(exchange.codes) or None,
    }
    return {name: value for name, value in said.items() if value is not None}
