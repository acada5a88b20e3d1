"""What can be wrong before anything is served.

GatewayError
├── ConfigError            a setting is missing, malformed or points at something unusable: exit code 2
└── EmbeddedServerError    the embedded PostgreSQL or Valkey does not start: exit code 1
"""

from __future__ import annotations


class GatewayError(Exception):
    """Something that an operator has to mend. Its text is one line."""

    exit_code = 1


class ConfigError(GatewayError):
    """``setting`` cannot be used because of ``reason``."""

    exit_code = 2

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(f"{setting}: {reason}")
        self.setting = setting
        self.reason = reason


class EmbeddedServerError(GatewayError):
    """An embedded server does not start."""
