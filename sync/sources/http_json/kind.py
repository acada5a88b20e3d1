"""The kind ``http_json``: its streams are those that the settings of a source declare."""

from __future__ import annotations

from collections.abc import Mapping

from sync.politeness.addresses import addresses_of
from sync.settings import SourceSettings
from sync.sources import SourceKind, StreamKind
from sync.sources.http_json.declared import read_streams
from sync.sources.http_json.source import LIMITS, HttpJson


def declared(settings: SourceSettings) -> Mapping[str, StreamKind]:
    """The streams of a source. Raises ``SettingsError``."""
    return {name: StreamKind(stream.concerns, stream.every_seconds) for name, stream in read_streams(settings).items()}


KIND = SourceKind(HttpJson, declared, limits=LIMITS, addresses=addresses_of)
