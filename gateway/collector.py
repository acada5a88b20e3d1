"""Python's garbage collector in a process that serves: it looks at fewer objects, less often.

Two measures, both for the latency of the slowest requests: what start-up made is never looked at again (``gc.freeze``),
and young objects are collected less often. ``LARDER_GC=off`` leaves out both; docs/serving.md has the figures.
"""

from __future__ import annotations

import gc

NEW_OBJECTS = 50_000
"""Collections of young objects start at so many; a long answer alone makes some twenty thousand, all in use."""


def settle_collector() -> None:
    """Leave what start-up made alone for good, and collect young objects less often. Call once, when all is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 50)
