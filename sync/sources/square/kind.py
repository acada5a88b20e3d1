"""The kind ``square``: its streams and its webhook."""

from __future__ import annotations

from sync.sources import SourceKind, StreamKind, always
from sync.sources.square.source import Square
from sync.sources.square.webhook import SquareWebhook

KIND = SourceKind(
    Square,
    always(catalog=StreamKind(("menu", "price"), 120), inventory=StreamKind(("availability",), 30)),
    webhook=SquareWebhook(),
)
