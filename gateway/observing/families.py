"""Every metric: its name, kind, labels and meaning. docs/observability.md lists the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]
Value = tuple[str, tuple[str, ...], float]
"""A family's name, values of its labels, and the number."""


@dataclass(frozen=True, slots=True)
class Family:
    """One metric. labels: names. by_worker: a gauge that is told for each worker, under ``worker``, and not added."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    by_worker: bool = False


FAMILIES = (
    Family("larder_request_seconds", "histogram", "Time to answer a request.", ("operation", "cache")),
    Family("larder_client_request_seconds", "histogram", "Time to answer a request, by client.", ("client",)),
    Family("larder_requests_total", "counter", "Requests answered.", ("status", "executor")),
    Family("larder_errors_total", "counter", "Errors told to clients.", ("code",)),
    Family("larder_statements_total", "counter", "Data statements behind answers.", ("executor",)),
    Family("larder_response_bytes_total", "counter", "Bytes of bodies sent."),
    Family("larder_webhook_deliveries_total", "counter", "Deliveries of webhooks answered.", ("source", "outcome")),
    Family("larder_webhook_seconds", "histogram", "Time to answer a delivery.", ("source",)),
    Family("larder_slow_operations_total", "counter", "Requests above LARDER_SLOW_SECONDS."),
    Family("larder_log_lines_dropped_total", "counter", "Lines of the access log that nobody read in time."),
    Family("larder_plan_answers_total", "counter", "Answers by plans."),
    Family("larder_plan_pipelines_total", "counter", "Pipelines sent by plans: batch groups, each one snapshot."),
    Family("larder_plan_statements_total", "counter", "Data statements sent by plans."),
    Family("larder_plan_group_members", "histogram", "Distinct lookups that shared a pipeline."),
    Family("larder_plan_deopts_total", "counter", "Plans given up at run time.", ("reason",)),
    Family("larder_plan_not_compilable_total", "counter", "Requests whose operation has no plan.", ("reason",)),
    Family("larder_documents_prepared_total", "counter", "Documents parsed and validated."),
    Family("larder_documents_unknown_total", "counter", "Unregistered texts run in the mode log-unknown."),
    Family("larder_document_lookups_total", "counter", "Look-ups of registered documents.", ("tier",)),
    Family("larder_document_redis_total", "counter", "What the registry's Redis tier did.", ("outcome",)),
    Family("larder_registrations_total", "counter", "Automatic persisted queries.", ("outcome",)),
    Family("larder_document_uses_lost_total", "counter", "Uses of documents that could not be counted."),
    Family("larder_cache_events_total", "counter", "What the response cache did.", ("event",)),
    Family("larder_cache_bytes", "gauge", "Bytes that the response cache holds in processes."),
    Family("larder_cache_entries", "gauge", "Answers that the response cache holds in processes."),
    Family("larder_lanes", "gauge", "Open lanes, at work or not.", ("kind", "state")),
    Family("larder_lane_waiters", "gauge", "Operations that wait for a lane.", ("kind",)),
    Family("larder_admitted_total", "counter", "Operations let in to be executed."),
    Family("larder_overloaded_total", "counter", "Operations sent away, as there was more to do than could be."),
    Family(
        "larder_executions", "gauge", "Operations being executed, waiting for that, and allowed at once.", ("state",)
    ),
    Family(
        "larder_loop_lag_seconds",
        "gauge",
        "How late the event loop was within a minute.",
        ("quantile",),
        by_worker=True,
    ),
    Family("larder_gc_pauses_total", "counter", "Collections by Python's garbage collector.", ("generation",)),
    Family("larder_gc_seconds_total", "counter", "Time spent in them.", ("generation",)),
    Family("larder_process_cpu_seconds_total", "counter", "Processor time of all workers."),
    Family("larder_process_resident_bytes", "gauge", "Memory in use.", by_worker=True),
    Family("larder_workers", "gauge", "Workers alive."),
    Family("larder_store_up", "gauge", "1 while the store answers the questions below, else 0."),
    Family("larder_source_age_seconds", "gauge", "Since the oldest confirmation.", ("source", "concern")),
    Family("larder_source_units", "gauge", "Units by freshness.", ("source", "concern", "freshness")),
    Family(
        "larder_sync_published_age_seconds",
        "gauge",
        "Since the last published run began; without any, since the first run.",
        ("source", "stream"),
    ),
    Family(
        "larder_sync_last_run",
        "gauge",
        "1 for the state of the last run that ended, 0 for the other states.",
        ("source", "stream", "state"),
    ),
    Family("larder_sync_held_runs", "gauge", "Runs that wait for an operator.", ("source", "stream")),
    Family(
        "larder_sync_held_units",
        "gauge",
        "Units held back until the supplier says it again.",
        ("source", "stream"),
    ),
    Family("larder_sync_quarantined_rows", "gauge", "Rows whose newest version is refused.", ("source",)),
    Family("larder_sync_inbox_waiting", "gauge", "Events told that no published run has seen.", ("source", "stream")),
    Family("larder_sync_inbox_age_seconds", "gauge", "Since the oldest of them came.", ("source", "stream")),
)

BY_NAME = {family.name: family for family in FAMILIES}
