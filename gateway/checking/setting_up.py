"""Sets Django up for a check: also over a file of sources that keeps every other command from starting."""

from __future__ import annotations

import os

from gateway.config import config
from gateway.stores import set_up_django

SOURCES = "LARDER_SOURCES"


def set_up() -> None:
    """Load Django with Larder's settings, but for the sources: what is wrong with their file is a finding."""
    found = os.environ.pop(SOURCES, None)
    config.cache_clear()
    try:
        set_up_django()
    finally:
        if found is not None:
            os.environ[SOURCES] = found
        config.cache_clear()
