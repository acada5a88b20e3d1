"""The registry of credentials: what a source may show its supplier, by the entry of the table that tells it apart.

::

    credentials = { header = "X-API-KEY", env = "BAKERY_KEY" }              # or file = "/run/secrets/bakery"
    credentials = { bearer_env = "BAKERY_TOKEN" }                           # or bearer_file
    credentials = { basic_user = "larder", basic_password_env = "BAKERY_PASSWORD" }
    credentials = { token_url = "https://…", client_id = "larder", client_secret_env = "BAKERY_SECRET", scope = "read" }
    credentials = { token_url = "https://…", client_id = "larder", client_secret_env = "…", refresh_token_env = "…" }
    credentials = { login_url = "https://…/login", client_id = "larder", client_secret_env = "BAKERY_SECRET" }   # Toast
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sync.credentials.keys import ANONYMOUS, Credentials, read_basic, read_bearer, read_key
from sync.credentials.logins import read_login
from sync.credentials.secrets import Secret
from sync.credentials.tokens import read_tokens
from sync.errors import SettingsError
from sync.settings import SourceSettings

__all__ = ["ANONYMOUS", "READERS", "Credentials", "Secret", "read"]

READERS: Mapping[str, Callable[[str, Mapping[str, Any]], Credentials]] = {
    "header": read_key,
    "bearer_env": read_bearer,
    "bearer_file": read_bearer,
    "basic_user": read_basic,
    "token_url": read_tokens,
    "login_url": read_login,
}


def read(settings: SourceSettings) -> Credentials:
    """The credentials of a source; without a table none. No secret is read yet.

    Raises ``SettingsError`` that names place and rule, and never what could be a secret.
    """
    place, declared = f"sources.{settings.name}.credentials", settings.credentials
    if not declared:
        return ANONYMOUS
    for name, reader in READERS.items():
        if name in declared:
            return reader(place, declared)
    raise SettingsError(place, f"must hold one of {', '.join(READERS)}", ", ".join(declared))
