"""The servers that are compared, by name: commands and environments. Data over code: a layer is one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LARDER = str(Path(sys.executable).with_name("larder"))
CONNECTIONS = 3
"""To PostgreSQL, of every contestant that reads it in one way; plans have as many by default."""

BARE = "bare uvicorn"
QUIET = "larder, nothing watched"
PRODUCTION = "larder, production"
PLAN = "larder, plan"
PLAN_QUIET = "larder, plan, nothing watched"
BY_HAND = "hand-written SQL"
STOCK = "strawberry-django"

CONFIGURED = {
    "LARDER_LOG_FORMAT": "json",
    "LARDER_ACCESS_LOG": "on",
    "LARDER_METRICS": "loopback",
    "LARDER_RATE_LIMITS": "1000000/second;60000000/minute",
    "LARDER_SERVER_TIMING": "off",
    "LARDER_LANES": str(CONNECTIONS),
    "LARDER_PLAN_LANES": str(CONNECTIONS),
}
"""As for production, with a rate limit that refuses nobody; what is not here has its default, and that is mostly on."""

UNWATCHED = {
    "LARDER_ACCESS_LOG": "off",
    "LARDER_SLOW_SECONDS": "0",
    "LARDER_METRICS": "off",
    "LARDER_RATE_LIMITS": "",
    "LARDER_ADMISSION": "off",
    "LARDER_COST": "off",
}
NO_CACHE = {"LARDER_RESPONSE_CACHE": "off"}
NO_ADMISSION = {"LARDER_ADMISSION": "off"}
"""Clients that ask again at once would get most of their 503s from it, and the others have nothing like it."""

LAYERS: Mapping[str, Mapping[str, str]] = {
    "access log off": {"LARDER_ACCESS_LOG": "off"},
    "slow log off": {"LARDER_SLOW_SECONDS": "0"},
    "metrics off": {"LARDER_METRICS": "off"},
    "rate limits off": {"LARDER_RATE_LIMITS": ""},
    "admission off": NO_ADMISSION,
    "identity off": {"LARDER_AUTHENTICATORS": "none"},
    "cost off": {"LARDER_COST": "off"},
    "hot refresh off": {"LARDER_HOT_REFRESH": "0"},
    "fast hits off": {"LARDER_FAST_HITS": "off"},
    "compression off": {"LARDER_COMPRESSION": "off"},
    "registry off": {"LARDER_REGISTRY": "off"},
    "plans off": {"LARDER_PLANS": "off"},
    "response cache off": NO_CACHE,
    "Server-Timing on": {"LARDER_SERVER_TIMING": "on"},
}
"""What changes about production when one layer is the other way round."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server. command: ``PORT`` stands for its port. ready: a path that answers 200 once it serves.

    statements: a path that tells its data statements so far, None where nobody counts them.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: str
    statements: str | None


def environment(database_url: str, data_dir: str) -> dict[str, str]:
    """This process's environment without settings of its user's, on the benchmark's store."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LARDER_") and name != "PORT"}
    return {**kept, "LARDER_DATABASE_URL": database_url, "LARDER_DATA_DIR": data_dir}


def larder(name: str, base: Mapping[str, str], *changes: Mapping[str, str]) -> Contestant:
    """Larder as for production, with changes."""
    settings = dict(CONFIGURED)
    for change in changes:
        settings.update(change)
    counts = "/metrics" if settings["LARDER_METRICS"] != "off" else None
    command = (LARDER, "serve", "--port", "PORT", "--workers", "1", "--log-level", "error")
    return Contestant(name, command, {**base, **settings}, "/health/ready", counts)


def beside(name: str, base: Mapping[str, str], *arguments: str) -> Contestant:
    """One of ``benchmarks.http.beside``. arguments: its command's name, then what comes after the port."""
    command = (sys.executable, "-m", "benchmarks.http.beside", arguments[0], "PORT", *arguments[1:])
    return Contestant(name, command, base, "/statements", "/statements")


def hit_contestants(base: Mapping[str, str], answer: Path) -> list[Contestant]:
    """answer: folder with what the bare one sends."""
    return [
        beside(BARE, base, "fixed", str(answer)),
        larder(QUIET, base, UNWATCHED),
        larder(PRODUCTION, base),
    ]


def layer_contestants(base: Mapping[str, str]) -> list[Contestant]:
    """Production, and production with one layer the other way round."""
    return [larder(PRODUCTION, base), *(larder(name, base, change) for name, change in LAYERS.items())]


def miss_contestants(base: Mapping[str, str]) -> list[Contestant]:
    """Nothing is kept by anybody."""
    url = base["LARDER_DATABASE_URL"]
    return [
        larder(PLAN, base, NO_CACHE, NO_ADMISSION),
        larder(PLAN_QUIET, base, NO_CACHE, UNWATCHED),
        beside(BY_HAND, base, "by-hand", url, str(CONNECTIONS)),
        beside(STOCK, base, "stock", url, str(CONNECTIONS)),
    ]
