"""The store that ``larder sync`` is about, and which of the declared sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gateway.errors import ConfigError, GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.settings import SourceSettings


@contextmanager
def synced_store() -> Iterator[None]:
    """The store, open. What an operator asked for in vain becomes a message: ``GatewayError``."""
    from gateway.stores import open_store

    with open_store():
        from psycopg.errors import UndefinedColumn, UndefinedTable

        from sync.errors import LeaseTaken, NotDecidable

        try:
            yield
        except (LeaseTaken, NotDecidable) as exc:
            raise GatewayError(str(exc)) from exc
        except (UndefinedColumn, UndefinedTable) as exc:
            raise GatewayError("the store has no tables of this version yet: run larder migrate") from exc


def chosen(name: str | None) -> Mapping[str, SourceSettings]:
    """The declared sources, or the one called ``name``. Raises ``ConfigError`` for one that cannot be read."""
    from django.conf import settings

    from sync.errors import SettingsError
    from sync.sources import source_kind

    sources: Mapping[str, SourceSettings] = settings.LARDER_SOURCES
    if not sources:
        raise ConfigError("LARDER_SOURCES", "names no file that declares a source")
    if name is not None and name not in sources:
        raise GatewayError(f"no source is called {name!r}; there are: {', '.join(sources)}")
    picked = {name: sources[name]} if name is not None else sources
    try:
        for source in picked.values():
            source_kind(source)
    except SettingsError as exc:
        raise ConfigError("LARDER_SOURCES", str(exc)) from exc
    return picked
