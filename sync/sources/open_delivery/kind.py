"""The kind ``open_delivery``: its one stream, its webhook, and how fresh it can be."""

from __future__ import annotations

from sync.settings import Slo
from sync.sources import SourceKind, StreamKind, always
from sync.sources.open_delivery.source import OpenDelivery
from sync.sources.open_delivery.webhook import MerchantUpdates

KIND = SourceKind(
    OpenDelivery,
    always(merchant=StreamKind(("menu", "price", "availability"), 250)),
    webhook=MerchantUpdates(),
    slos={"availability": Slo(900, 3_600), "price": Slo(900, 86_400)},
)
