"""The kind ``toast``: its streams, its webhook, and what Toast bears."""

from __future__ import annotations

from sync.sources import SourceKind, StreamKind, always
from sync.sources.toast.source import LIMITS, Toast
from sync.sources.toast.webhook import ToastWebhook

KIND = SourceKind(
    Toast,
    always(menu=StreamKind(("menu", "price"), 60), stock=StreamKind(("availability",), 30)),
    webhook=ToastWebhook(),
    limits=LIMITS,
)
