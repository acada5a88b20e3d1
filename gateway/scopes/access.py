"""What a setting opens: ``on`` for everybody, ``off`` for nobody, ``scope:NAME`` for viewers with that scope."""

from __future__ import annotations

from loaders.viewer import Viewer

ON, OFF, SCOPE = "on", "off", "scope:"


def is_access(setting: str) -> bool:
    """Whether a setting has one of the three forms."""
    return setting in (ON, OFF) or (setting.startswith(SCOPE) and scope_in(setting).strip() != "")


def allowed(setting: str, viewer: Viewer) -> bool:
    """Whether the setting lets the viewer in."""
    return setting == ON or (setting.startswith(SCOPE) and scope_in(setting) in viewer.scopes)


def scope_in(setting: str) -> str:
    """The scope's name in ``scope:NAME``."""
    return setting.removeprefix(SCOPE)
