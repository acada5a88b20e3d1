"""The applications that operations are generated for, loaded when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from tests.equality.application import Application


def load(name: str) -> Application:
    """``APPLICATION`` of the module of that name."""
    found: Application = import_module(f"tests.equality.{name}").APPLICATION
    return found


APPLICATIONS: Mapping[str, Callable[[], Application]] = {
    "shipped": lambda: load("shipped"),
    "library": lambda: load("library"),
}
