"""Credentials that stay the same from request to request.

Bearer tokens: RFC 6750, section 2.1. Basic: RFC 7617.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sync.credentials.secrets import Secret
from sync.errors import SettingsError
from sync.settings import known

Call = Callable[[str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]
"""Posts a body with headers to an address, as politely as documents are asked for. Returns status and body."""

HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class Credentials(Protocol):
    """What requests to one supplier show."""

    async def headers(self, call: Call) -> Mapping[str, str]:
        """The headers of the next request. Raises ``SettingsError``, and ``DocumentRefused`` when a token is denied."""
        ...

    def refused(self, sent: Mapping[str, str]) -> bool:
        """Whether the request that ``sent`` these headers, and was answered 401, may do better now."""
        ...


class Anonymous:
    """Shows nothing."""

    async def headers(self, _call: Call) -> Mapping[str, str]:
        return {}

    def refused(self, _sent: Mapping[str, str]) -> bool:
        return False


ANONYMOUS = Anonymous()


@dataclass(frozen=True, slots=True)
class Key:
    """Shows a secret in a header of the supplier's choice. ``before`` stands before it."""

    header: str
    secret: Secret
    before: str = ""

    async def headers(self, _call: Call) -> Mapping[str, str]:
        return {self.header: f"{self.before}{self.secret.text()}"}

    def refused(self, _sent: Mapping[str, str]) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Basic:
    """Shows a name and a password."""

    user: str
    password: Secret

    async def headers(self, _call: Call) -> Mapping[str, str]:
        return {"Authorization": basic(self.user, self.password.reveal())}

    def refused(self, _sent: Mapping[str, str]) -> bool:
        return False


def basic(user: str, password: bytes) -> str:
    """The value of an Authorization header."""
    return f"Basic {base64.b64encode(user.encode() + b':' + password).decode()}"


def read_key(place: str, declared: Mapping[str, Any]) -> Credentials:
    known(place, declared, {"header", "env", "file"})
    header = declared["header"]
    if not isinstance(header, str) or not HEADER.fullmatch(header):
        raise SettingsError(f"{place}.header", "must be the name of a header", header)
    return Key(header, Secret.needed(place, declared, ""))


def read_bearer(place: str, declared: Mapping[str, Any]) -> Credentials:
    known(place, declared, {"bearer_env", "bearer_file"})
    return Key("Authorization", Secret.needed(place, declared, "bearer"), "Bearer ")


def read_basic(place: str, declared: Mapping[str, Any]) -> Credentials:
    known(place, declared, {"basic_user", "basic_password_env", "basic_password_file"})
    user = declared["basic_user"]
    if not isinstance(user, str) or not user or ":" in user:
        raise SettingsError(f"{place}.basic_user", "must be a name without a colon", user)
    return Basic(user, Secret.needed(place, declared, "basic_password"))
