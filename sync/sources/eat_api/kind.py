"""The kind ``eat_api``: its streams."""

from __future__ import annotations

from sync.sources import SourceKind, StreamKind, always
from sync.sources.eat_api.source import EatApi

KIND = SourceKind(EatApi, always(menu=StreamKind(("menu", "price"), 120), stock=StreamKind(("availability",), 20)))
