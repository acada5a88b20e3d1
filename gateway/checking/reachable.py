"""Who can reach the gateway, as far as settings tell."""

from __future__ import annotations

from gateway.checking.suppliers import is_local
from gateway.config import Config


def opened_by(settings: Config) -> str | None:
    """The setting that lets others than this machine in, as a field of ``Config``; None where none does."""
    if not is_local(settings.host):
        return "host"
    if any(not is_local(host) for host in settings.allowed_hosts):
        return "allowed_hosts"
    return None
