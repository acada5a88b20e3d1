"""Toast's log-in of a machine client: an identifier and a secret in JSON for a token that lasts a day.

``POST /authentication/v1/authentication/login`` (Toast developer guide, "Authentication and restaurant access").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from sync.credentials.keys import Credentials
from sync.credentials.secrets import Secret
from sync.credentials.tokens import GRANTED_RULE, Granted, Tokens, read_shape, usable
from sync.errors import DocumentRefused, SettingsError
from sync.settings import checked_url, known

MACHINE_CLIENT = "TOAST_MACHINE_CLIENT"


class Token(msgspec.Struct, frozen=True, rename="camel"):
    """``expires_in``: seconds."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: float | None = None


class LoggedIn(msgspec.Struct, frozen=True):
    """What the log-in answers."""

    token: Token


@dataclass(frozen=True, slots=True)
class Login:
    """How a machine client logs in."""

    place: str
    token_url: str
    client_id: str
    client_secret: Secret

    def request(self, _refresh_token: str | None) -> tuple[dict[str, str], bytes]:
        """Headers and body. Raises ``SettingsError``."""
        said = {
            "clientId": self.client_id,
            "clientSecret": self.client_secret.text(),
            "userAccessType": MACHINE_CLIENT,
        }
        return {"Content-Type": "application/json", "Accept": "application/json"}, msgspec.json.encode(said)

    def granted(self, status: int, body: bytes) -> Granted:
        """The token in an answer. Raises ``DocumentRefused``, which quotes nothing of it."""
        if status != HTTPStatus.OK:
            raise DocumentRefused(GRANTED_RULE, str(status))
        token = read_shape(body, LoggedIn).token
        return usable(Granted(token.access_token, token.token_type, token.expires_in))


def read_login(place: str, declared: Mapping[str, Any]) -> Credentials:
    """Raises ``SettingsError``."""
    known(place, declared, {"login_url", "client_id", "client_secret_env", "client_secret_file"})
    client_id = declared.get("client_id", "")
    if not isinstance(client_id, str) or not client_id:
        raise SettingsError(f"{place}.client_id", "must be a text", client_id)
    url = checked_url(f"{place}.login_url", declared["login_url"])
    return Tokens(Login(place, url, client_id, Secret.needed(place, declared, "client_secret")))
