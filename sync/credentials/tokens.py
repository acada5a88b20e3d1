"""Tokens: fetched when needed, kept in memory until shortly before they end; and how OAuth 2 grants them.

Client credentials and refresh: RFC 6749, sections 4.4 and 6; the answer: section 5.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

import msgspec

from sync.credentials.keys import Call, Credentials, basic
from sync.credentials.secrets import Secret
from sync.errors import DocumentRefused, SettingsError
from sync.settings import checked_url, known

T = TypeVar("T")

EARLY_SECONDS = 60.0
"""How long before its end a token is replaced; half of its life at most."""
UNTOLD_SECONDS = 300.0
"""How long a token is used that does not say when it ends."""
GRANTED_RULE = "a token must be granted"
CODES = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}
CLIENT_AUTH = ("basic", "body")


class Granted(msgspec.Struct, frozen=True):
    """What a token endpoint answers."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: float | None = None
    refresh_token: str | None = None


class Granting(Protocol):
    """One way of getting a token. Equal ones share theirs, so it is hashable, and holds no secret."""

    @property
    def token_url(self) -> str:
        """Where to ask."""
        ...

    def request(self, refresh_token: str | None) -> tuple[dict[str, str], bytes]:
        """Headers and body. ``refresh_token``: the one that the endpoint gave last. Raises ``SettingsError``."""
        ...

    def granted(self, status: int, body: bytes) -> Granted:
        """The token in an answer. Raises ``DocumentRefused``, which never quotes what could be a secret."""
        ...


@dataclass(frozen=True, slots=True)
class Grant:
    """How OAuth 2 is asked for a token. ``refresh``: with a refresh token, else with the client's own credentials."""

    place: str
    token_url: str
    client_id: str
    client_secret: Secret
    scope: str = ""
    client_auth: str = "basic"
    refresh: Secret | None = None

    def request(self, refresh_token: str | None) -> tuple[dict[str, str], bytes]:
        """Headers and body. ``refresh_token``: the one that the endpoint gave last."""
        form = {"grant_type": "client_credentials"}
        if self.refresh is not None:
            form = {"grant_type": "refresh_token", "refresh_token": refresh_token or self.refresh.text()}
        if self.scope:
            form["scope"] = self.scope
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        secret = self.client_secret.text()
        if self.client_auth == "basic":
            headers["Authorization"] = basic(quote(self.client_id, safe=""), quote(secret, safe="").encode())
        else:
            form.update(client_id=self.client_id, client_secret=secret)
        return headers, urlencode(form).encode()

    def granted(self, status: int, body: bytes) -> Granted:
        """The token in an answer. Raises ``DocumentRefused``, which quotes nothing but a code of RFC 6749."""
        if status != HTTPStatus.OK:
            raise DocumentRefused(GRANTED_RULE, f"{status} {code(body)}".strip())
        return usable(read_shape(body, Granted))


class Holder:
    """The token of one grant, for all runs of this process."""

    def __init__(self) -> None:
        self._fetching = asyncio.Lock()
        self._token: str | None = None
        self._refresh_token: str | None = None
        self._until = 0.0

    async def token(self, grant: Granting, call: Call) -> str:
        """A token that is good for a while. However many want one, it is fetched once. Raises ``DocumentRefused``."""
        async with self._fetching:
            if self._token is None or time.monotonic() >= self._until:
                granted = grant.granted(*await call(grant.token_url, *grant.request(self._refresh_token)))
                life_seconds = UNTOLD_SECONDS if granted.expires_in is None else max(granted.expires_in, 0)
                self._until = time.monotonic() + life_seconds - min(EARLY_SECONDS, life_seconds / 2)
                self._token = granted.access_token
                self._refresh_token = granted.refresh_token or self._refresh_token
            return self._token

    def drop(self, token: str) -> None:
        """Use ``token`` no more."""
        if token == self._token:
            self._token = None


HOLDERS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Granting, Holder]] = WeakKeyDictionary()
"""By event loop, since a lock belongs to one. A token outlives the runs that use it."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Shows a token that is fetched with ``grant``."""

    grant: Granting

    @property
    def _holder(self) -> Holder:
        return HOLDERS.setdefault(asyncio.get_running_loop(), {}).setdefault(self.grant, Holder())

    async def headers(self, call: Call) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await self._holder.token(self.grant, call)}"}

    def refused(self, sent: Mapping[str, str]) -> bool:
        self._holder.drop(sent.get("Authorization", "").removeprefix("Bearer "))
        return True


def read_shape(body: bytes, shape: type[T]) -> T:
    """An answer as ``shape``. Raises ``DocumentRefused``, which never quotes it."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise DocumentRefused(GRANTED_RULE, "an answer of another shape") from None


def usable(granted: Granted) -> Granted:
    """A token that a header can hold. Raises ``DocumentRefused``."""
    if granted.token_type.lower() != "bearer":
        raise DocumentRefused("a token must be of the type bearer", granted.token_type[:40])
    if not granted.access_token or not granted.access_token.isascii() or not granted.access_token.isprintable():
        raise DocumentRefused(GRANTED_RULE, "a token that no header can hold")
    return granted


def code(body: bytes) -> str:
    """The code of an error as RFC 6749, section 5.2 lists them; "" for any other."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, str) and error in CODES else ""


def read_tokens(place: str, declared: Mapping[str, Any]) -> Credentials:
    """Raises ``SettingsError``."""
    names = {"client_id", "client_secret_env", "client_secret_file", "refresh_token_env", "refresh_token_file"}
    known(place, declared, {"token_url", "scope", "client_auth", *names})
    texts = {name: declared.get(name, "") for name in ("client_id", "scope")}
    for name, value in texts.items():
        if not isinstance(value, str) or (name == "client_id" and not value):
            raise SettingsError(f"{place}.{name}", "must be a text", value)
    client_auth = declared.get("client_auth", "basic")
    if client_auth not in CLIENT_AUTH:
        raise SettingsError(f"{place}.client_auth", f"must be one of {', '.join(CLIENT_AUTH)}", client_auth)
    return Tokens(
        Grant(
            place,
            checked_url(f"{place}.token_url", declared["token_url"]),
            texts["client_id"],
            Secret.needed(place, declared, "client_secret"),
            texts["scope"],
            client_auth,
            Secret.read(place, declared, "refresh_token"),
        )
    )
