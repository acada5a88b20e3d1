"""Metrics, as the settings want them, of the parts that the gateway has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.configured.observing import ObservingSettings
from gateway.observing import readings
from gateway.observing.ages import Ages
from gateway.observing.metrics import Allows, Metrics, anybody, loopback
from gateway.observing.observer import Observer
from gateway.observing.process import read_process
from gateway.observing.shared import SharedNumbers
from gateway.observing.snapshots import Reading
from loaders.lanes import Lanes

ALLOWS: Mapping[str, Allows] = {"on": anybody, "loopback": loopback}


def build_metrics(
    settings: ObservingSettings,
    observer: Observer,
    lanes: Lanes,
    parts: Sequence[Reading],
    *,
    scoped: Allows,
    members: Mapping[int, int] | None = None,
) -> Metrics | None:
    """What serves ``/metrics``, None where that is off.

    parts: of ``gateway.observing.readings``, beside those of the resolvers' ``lanes``, the logs and the process.
    scoped: who may read where ``LARDER_METRICS`` is ``scope``. members: batch groups so far, by distinct lookups.
    """
    if settings.metrics == "off":
        return None
    own = [
        readings.lanes("resolvers", lanes),
        readings.logs(observer.access, observer.slow),
        observer.pauses.read,
        observer.deliveries.read,
        read_process,
    ]
    return Metrics(
        observer.requests,
        [*own, *parts],
        allows=ALLOWS.get(settings.metrics, scoped),
        ages=Ages(lanes),
        shared=SharedNumbers(settings.metrics_dir) if settings.metrics_dir is not None else None,
        members=members,
    )
