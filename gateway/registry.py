"""The registry of documents, as the settings want it: its tiers, its counters, and what they mean for requests."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.config import Config
from gateway.endpoint.documents import Documents
from gateway.endpoint.prepared import PreparedDocument
from gateway.endpoint.preparing import Preparer
from persisted_queries.client_modes import ClientModes
from persisted_queries.counting import UsageCounter
from persisted_queries.policies import Policies
from persisted_queries.redis_tier import RedisTier
from persisted_queries.registrations import Registrations
from persisted_queries.registry import Registry
from persisted_queries.safelist import Safelist
from persisted_queries.store import DocumentStore


@dataclass(eq=False)
class DocumentRegistry:
    """What finds registered documents, and lives as long as the gateway does. secret: seals what goes to Redis."""

    settings: Config
    preparer: Preparer
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        settings = self.settings
        self.store = DocumentStore(
            settings.database_url, direct_url=settings.database_direct_url, pooled=settings.pooled
        )
        self.redis = RedisTier(settings.redis_url, secret=self.secret.encode()) if settings.redis_url else None
        self.registry: Registry[PreparedDocument] = Registry(
            self.store,
            self.redis,
            self.preparer.of_registered,
            weigh=lambda prepared: prepared.weight,
            capacity=settings.document_capacity,
        )
        self.modes = ClientModes(self.store)
        self.usage = UsageCounter(self.store)

    @property
    def ready(self) -> bool:
        """Whether active documents are prepared and the modes of clients are known."""
        return self.registry.ready and self.modes.known

    def documents(self) -> Documents:
        """What chooses the documents of requests."""
        registry = self.registry
        return Documents(
            self.preparer,
            registry=registry,
            safelist=Safelist(self.store.find_by_normal_form, lambda: registry.generation),
            registrations=Registrations(self.redis) if self.settings.apq else None,
            policies=policies(self.settings),
            modes=lambda: self.modes.by_name,
            protocols=self.settings.document_protocols,
            client_required=self.settings.client_required,
            used=self.usage.count,
        )

    async def open(self) -> None:
        """Begin to connect, to listen and to warm; returns at once."""
        await self.registry.start()
        self.modes.start()
        self.usage.start()

    async def close(self) -> None:
        """Write what was counted, and end everything."""
        await self.usage.stop()
        await self.modes.stop()
        await self.registry.stop()


def without_registry(settings: Config, preparer: Preparer) -> Documents:
    """What chooses documents where none is registered: automatic persisted queries are kept by each process."""
    return Documents(
        preparer,
        registrations=Registrations(None) if settings.apq else None,
        policies=policies(settings),
        protocols=settings.document_protocols,
        client_required=settings.client_required,
    )


def policies(settings: Config) -> Policies:
    """What may run."""
    return Policies(settings.documents, registers=settings.apq, developer_key=settings.developer_key)
