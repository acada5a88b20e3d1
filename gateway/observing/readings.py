"""What the parts of the gateway count by themselves, told as metrics when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from gateway.endpoint.documents import Documents
from gateway.load.admission import Admission
from gateway.load.lag import LoopLag
from gateway.observing.access import AccessLog
from gateway.observing.families import Value
from gateway.observing.names import OTHER
from gateway.observing.slow import SlowLog
from gateway.observing.snapshots import Reading
from gateway.registry import DocumentRegistry
from loaders.lane_usage import LaneUsage
from plans.engine import PlanEngine

REASONS = 50
"""Reasons that are told apart, those met first: a count that moved into another would run backwards."""

TIERS = ("memory", "negative", "redis", "store")


class HasUsage(Protocol):
    """Lanes of either kind."""

    @property
    def usage(self) -> LaneUsage: ...


class HoldsAnswers(Protocol):
    """The tier of the response cache in this process. evicted: answers that went for want of room."""

    bytes: int
    evicted: int

    def __len__(self) -> int: ...


def lanes(kind: str, of: HasUsage) -> Reading:
    """How busy the lanes of a kind are."""

    def read() -> Iterator[Value]:
        usage = of.usage
        yield "larder_lanes", (kind, "busy"), usage.busy
        yield "larder_lanes", (kind, "idle"), usage.idle
        yield "larder_lane_waiters", (kind,), usage.waiting

    return read


def plans(engine: PlanEngine) -> Reading:
    """What became of operations under plans."""

    def read() -> Iterator[Value]:
        counters = engine.counters
        yield "larder_plan_answers_total", (), counters.answered
        yield "larder_plan_pipelines_total", (), counters.pipelines
        yield "larder_plan_statements_total", (), counters.statements
        yield from labelled("larder_plan_deopts_total", counters.deopts)
        yield from labelled("larder_plan_not_compilable_total", counters.not_compilable)

    return read


def documents(chosen: Documents) -> Reading:
    """Documents, whether registered or not."""

    def read() -> Iterator[Value]:
        yield "larder_documents_prepared_total", (), chosen.preparer.prepared
        yield "larder_documents_unknown_total", (), chosen.unknown
        counters = getattr(chosen.registrations, "counters", {})
        yield from labelled("larder_registrations_total", counters)

    return read


def registry(registry: DocumentRegistry) -> Reading:
    """The tiers of the registry."""

    def read() -> Iterator[Value]:
        counters = registry.registry.counters
        for tier in TIERS:
            yield "larder_document_lookups_total", (tier,), counters[tier]
        yield "larder_document_uses_lost_total", (), registry.usage.lost
        if registry.redis is not None:
            yield from labelled("larder_document_redis_total", registry.redis.counters)

    return read


def response_cache(counters: Mapping[str, int], memory: HoldsAnswers) -> Reading:
    """The response cache: what happened by name, and what is held."""

    def read() -> Iterator[Value]:
        yield from labelled("larder_cache_events_total", {**counters, "evicted": memory.evicted})
        yield "larder_cache_bytes", (), memory.bytes
        yield "larder_cache_entries", (), len(memory)

    return read


def admission(admission: Admission) -> Reading:
    """Operations at work, and those that have to wait or to go."""

    def read() -> Iterator[Value]:
        yield "larder_admitted_total", (), admission.admitted
        yield "larder_overloaded_total", (), admission.refused
        yield "larder_executions", ("running",), admission.running
        yield "larder_executions", ("waiting",), admission.waiting
        yield "larder_executions", ("allowed",), admission.limit

    return read


def lag(lag: LoopLag) -> Reading:
    """How late the event loop is."""

    def read() -> Iterator[Value]:
        yield "larder_loop_lag_seconds", ("0.5",), lag.p50_seconds
        yield "larder_loop_lag_seconds", ("1",), lag.max_seconds

    return read


def logs(access: AccessLog | None, slow: SlowLog | None) -> Reading:
    """The logs themselves."""

    def read() -> Iterator[Value]:
        yield "larder_log_lines_dropped_total", (), access.writer.dropped if access else 0
        yield "larder_slow_operations_total", (), slow.count if slow else 0

    return read


def labelled(name: str, counted: Mapping[str, int]) -> Iterator[Value]:
    """Counts under one label. Reasons beyond the first ``REASONS`` are told as one."""
    rest = 0
    for place, (reason, count) in enumerate(counted.items()):
        if place < REASONS:
            yield name, (reason,), count
        else:
            rest += count
    if rest:
        yield name, (OTHER,), rest
