"""What Larder's engine reads of Django's settings, whoever's settings they are."""

from __future__ import annotations

from typing import Any

from gateway.config import Config
from gateway.sources import configured_sources
from sync.settings import Kept

ENGINE_APPS = (
    "procrastinate.contrib.django",
    "sync",
    "persisted_queries",
    "gateway.identity",
    "gateway.delivery",
)
"""The Django apps of the engine."""


def engine_settings(config: Config) -> dict[str, Any]:
    """Django's settings by name that the engine reads, made from the configuration."""
    return {
        "LARDER_MAX_PAGE": config.max_page,
        "LARDER_TARGETS": config.targets,
        "LARDER_SOURCES": configured_sources(config),
        "LARDER_GUARDS": config.guards,
        "LARDER_KEPT": Kept(config.keep_runs_days, config.keep_answers_days, config.keep_history_days),
    }
