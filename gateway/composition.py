"""The composition root: the configured schema, the configured store and everything between them, put together once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.module_loading import import_string

from gateway.cache.answers import ResponseCache, Staleness
from gateway.cache.builds import build_fingerprint
from gateway.cache.heads import HeadWatch, StoreHeads
from gateway.cache.memory import Memory
from gateway.cache.redis_answers import RedisAnswers
from gateway.cache.renewal import Renewal
from gateway.config import Config
from gateway.delivery.compression import Compression
from gateway.delivery.headers import Delivery
from gateway.endpoint.answering import Answering, AnsweringRules
from gateway.endpoint.cors import Cors
from gateway.endpoint.doors import Doors
from gateway.endpoint.execution import Execution
from gateway.endpoint.graphql import GraphQLEndpoint
from gateway.endpoint.health import Health
from gateway.endpoint.preparing import Preparing
from gateway.endpoint.pushing import Pushing
from gateway.endpoint.requests import RequestReader, RequestRules
from gateway.endpoint.webhooks import Webhooks
from gateway.graphiql.app import GraphiQLApp
from gateway.graphiql.building import build_graphiql
from gateway.identity.building import Identity, build_identity
from gateway.load.admission import Admission
from gateway.load.gradient import Gradient
from gateway.load.lag import LoopLag
from gateway.load.rates import Rates
from gateway.load.tallies import Tallies
from gateway.observing import readings
from gateway.observing.building import build_metrics
from gateway.observing.metrics import Metrics, whoever_has_scope
from gateway.observing.observer import Observer
from gateway.observing.snapshots import Reading
from gateway.outside import warn_of_loads
from gateway.registry import DocumentRegistry, without_registry
from gateway.serving.django_connections import DjangoConnections
from gateway.sources import configured_doors
from loaders.lanes import Lanes
from loaders.pipelines.lanes import PipelineLanes
from loaders.stamps import Tracking
from persisted_queries.redis_link import RedisLink
from plans.engine import PlanEngine
from plans.shadow import Shadow
from sync.models import Head
from sync.webhooks.writing import InboxWriter


class Part(Protocol):
    """What lives as long as the gateway does."""

    async def open(self) -> None:
        """Begin."""

    async def close(self) -> None:
        """End."""


@dataclass
class Composition:
    """The parts of one gateway process, made in the order in which they are opened. secret: Django's.

    readings: what its parts count, for the metrics. bounds_django: whether Django's connections are Larder's to bound.
    """

    settings: Config
    secret: str = field(repr=False)
    parts: list[Part] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    bounds_django: bool = True

    def __post_init__(self) -> None:
        settings = self.settings
        self.schema: Any = import_string(settings.schema_path.replace(":", "."))
        if settings.debug:
            warn_of_loads(self.schema)
        if self.bounds_django:
            self.part(DjangoConnections(settings.django_connections))
        self.observer = self.part(Observer(settings))
        self.lag = self.part(LoopLag(), readings.lag)
        self.lanes = self.part(
            Lanes(
                settings.database_url,
                count=settings.lanes,
                pooled=settings.pooled,
                statement_timeout_ms=settings.statement_timeout_ms,
            )
        )
        self.identity: Identity = self.part(build_identity(settings, self.secret))
        self.budgets = settings.budgets
        self.execution = Execution(
            self.schema, self.lanes, self.plans(), preparing=self.preparing, budgets=self.budgets
        )
        self.registry = (
            self.part(DocumentRegistry(settings, self.execution.preparer, self.secret), readings.registry)
            if settings.registry
            else None
        )
        self.documents = (
            self.registry.documents() if self.registry else without_registry(settings, self.execution.preparer)
        )
        self.readings.append(readings.documents(self.documents))
        self.admission = Admission(Gradient(most=settings.concurrency) if settings.admission else None)
        self.readings.append(readings.admission(self.admission))
        self.rates = (
            self.part(Rates(settings.rate_limits, Tallies(settings.redis_url))) if settings.rate_limits else None
        )
        track: Callable[[Tracking], None] = self.execution.track if settings.response_cache else lambda _: None
        self.watch = self.part(HeadWatch(StoreHeads(settings.database_url, pooled=settings.pooled), track=track))
        self.cache = self.response_cache(self.watch) if settings.response_cache else None

    def part(self, made: Any, read: Callable[[Any], Reading] | None = None) -> Any:
        """The same, to be opened and closed with the gateway, and read for the metrics."""
        self.parts.append(made)
        if read is not None:
            self.readings.append(read(made))
        return made

    def plans(self) -> PlanEngine | None:
        """The plan engine on lanes of its own."""
        settings = self.settings
        if not settings.plans:
            return None
        lanes = self.part(
            PipelineLanes(
                settings.database_url,
                count=settings.plan_lanes,
                driver=settings.plan_driver,
                pooled=settings.pooled,
                statement_timeout_ms=settings.statement_timeout_ms,
            )
        )
        self.readings.append(readings.lanes("plans", lanes))
        share = settings.plan_shadow
        shadow = Shadow(self.schema, lanes, self.lanes, share=share) if share else None
        engine = PlanEngine(
            self.schema,
            lanes,
            heads_table=Head._meta.db_table,
            deadline_seconds=settings.request_timeout,
            batching=settings.plan_batching,
            shadow=shadow,
        )
        self.readings.append(readings.plans(engine))
        return engine

    @property
    def preparing(self) -> Preparing:
        """How documents are prepared."""
        settings = self.settings
        return Preparing(
            settings.document_limits,
            settings.assumed_list_size if settings.budgets.estimates else None,
            settings.default_max_age,
            private=not settings.anonymous,
        )

    def response_cache(self, watch: HeadWatch) -> ResponseCache:
        """The response cache, its tier in Redis, and what renews it."""
        settings = self.settings
        shared = None
        if settings.redis_url and settings.response_cache_redis:
            link = RedisLink(settings.redis_url)
            shared = RedisAnswers(
                link, build_fingerprint(self.schema), store=lambda: watch.world, secret=self.secret.encode()
            )
            self.parts.append(shared)
        staleness = Staleness(float(settings.stale_while_revalidate), float(settings.stale_if_error))
        cache = ResponseCache(watch, Memory(settings.response_cache_bytes), shared, staleness=staleness)
        self.parts.append(cache)
        self.readings.append(readings.response_cache(cache.counters, cache.memory))
        if settings.hot_refresh:
            self.parts.append(Renewal(cache, most=settings.hot_refresh))
        return cache

    def endpoint(self) -> GraphQLEndpoint:
        """What serves ``/graphql``."""
        settings = self.settings
        answering = Answering(
            self.execution,
            self.documents,
            budgets=self.budgets,
            cache=self.cache,
            admission=self.admission,
            rules=AnsweringRules(
                settings.max_response_bytes,
                settings.request_timeout,
                introspection=settings.introspection,
                plan_explain=settings.plan_explain,
                cost_extension=settings.cost_extension,
                freshness_extension=settings.freshness_extension,
            ),
        )
        return GraphQLEndpoint(
            answering,
            Doors(
                reader=RequestReader(
                    RequestRules(
                        settings.max_body_bytes,
                        settings.max_query_bytes,
                        settings.request_compression,
                        settings.batching,
                    )
                ),
                cors=Cors(settings.cors_origins, credentials=settings.cors_credentials),
                delivery=Delivery(
                    Compression(settings.compression),
                    stale_while_revalidate_seconds=settings.stale_while_revalidate,
                    stale_if_error_seconds=settings.stale_if_error,
                    surrogate_max_age_seconds=settings.surrogate_max_age,
                ),
                identification=self.identity.identification,
                rates=self.rates,
                observer=self.observer,
                draft_statuses=settings.draft_statuses,
                request_seconds=settings.request_timeout,
                watch=self.watch,
            ),
        )

    def health(self) -> Health:
        """What serves ``/health``."""
        registry = self.registry
        return Health(self.lanes, (lambda: registry.ready) if registry is not None else (lambda: True))

    def metrics(self) -> Metrics | None:
        """What serves ``/metrics``, None where that is off."""
        found = build_metrics(
            self.settings,
            self.observer,
            self.lanes,
            self.readings,
            scoped=whoever_has_scope(self.identity.identification.viewer),
            members=self.execution.plans.groups.members if self.execution.plans is not None else None,
        )
        return None if found is None else self.part(found)

    def graphiql(self) -> GraphiQLApp | None:
        """What serves ``/graphiql``, None where that is off."""
        return build_graphiql(self.settings, self.execution.views)

    def pushing(self) -> Pushing | None:
        """What takes deployments over HTTP, None where that is off."""
        settings = self.settings
        if not settings.push_token:
            return None
        return Pushing(settings.database_direct_url or settings.database_url, self.schema._schema, settings.push_token)  # noqa: SLF001 - no other way

    def webhooks(self) -> Webhooks:
        """What takes suppliers' webhooks."""
        settings = self.settings
        address = settings.database_direct_url or settings.database_url
        inbox = self.part(InboxWriter(address, settings.webhook_backlog))
        return Webhooks(configured_doors(settings), inbox, settings.webhook_max_bytes, self.observer)
