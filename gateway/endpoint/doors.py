"""What stands between HTTP and the answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.cache.heads import HeadWatch
from gateway.delivery.compression import CODECS, Compression
from gateway.delivery.headers import Delivery
from gateway.endpoint.cors import Cors
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.requests import Headers, RequestReader
from gateway.identity.identification import Identification
from gateway.load.rates import Rates
from gateway.observing.observer import Observer


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands between HTTP and the answers. None: everybody is anonymous; nobody is limited; nobody watches.

    watch: of the store's version, for those who ask for one.
    """

    reader: RequestReader = field(default_factory=RequestReader)
    cors: Cors = field(default_factory=Cors)
    delivery: Delivery = field(default_factory=lambda: Delivery(Compression(tuple(CODECS))))
    identification: Identification | None = None
    rates: Rates | None = None
    observer: Observer | None = None
    draft_statuses: bool = False
    request_seconds: float = 15.0
    watch: HeadWatch | None = None

    def told_besides(self, exchange: Exchange) -> list[tuple[bytes, bytes]]:
        """The headers that every answer has of its own."""
        told = [(b"x-request-id", exchange.id.encode())]
        if self.observer is not None and self.observer.timing is not None:
            told.append((b"server-timing", self.observer.timing(exchange)))
        return told

    def finished(self, exchange: Exchange, headers: Headers) -> None:
        """Tell whoever watches of a request that is answered."""
        observer = self.observer
        if observer is not None:
            traceparent = headers.get(b"traceparent", b"") if observer.traces else b""
            observer.finished(exchange, traceparent.decode("latin-1"))
