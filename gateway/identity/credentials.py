"""What a request presents to say who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

Headers = Mapping[bytes, bytes]
"""Header values by lower-case name."""

AUTHORIZATION, API_KEY, COOKIE = b"authorization", b"x-api-key", b"cookie"


@dataclass(frozen=True, slots=True)
class Credentials:
    """One credential: exactly one of the three is set.

    bearer: the token of ``Authorization: Bearer`` (RFC 6750 section 2.1), or the value of ``X-API-Key``. session: the
    value of Django's session cookie. scheme: that of an ``Authorization`` of another kind.
    """

    bearer: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    scheme: str | None = None


def session_of(cookie: bytes, name: bytes) -> bytes | None:
    """The value of the cookie ``name`` in a ``Cookie`` header (RFC 6265 section 4.2.1), None without one.

    The first of several of that name: browsers send the one with the longest path first.
    """
    if name not in cookie:
        return None
    for pair in cookie.split(b";"):
        key, equals, value = pair.strip().partition(b"=")
        if key == name and equals:
            return value.strip(b'"') or None
    return None


def digest_of(headers: Headers, cookie_name: bytes | None) -> bytes | None:
    """A digest that stands for the credential presented, None where there is none.

    cookie_name: of Django's session, None where sessions identify nobody. Memory is keyed by it, so that it holds no
    secret.
    """
    authorization, api_key = headers.get(AUTHORIZATION), headers.get(API_KEY)
    if authorization is None and api_key is None:
        cookie = headers.get(COOKIE) if cookie_name is not None else None
        if cookie is None or cookie_name is None or (value := session_of(cookie, cookie_name)) is None:
            return None
        return sha256(b"session " + value).digest()
    if api_key is None:
        return sha256(b"authorization " + authorization).digest() if authorization is not None else None
    if authorization is None:
        return sha256(b"api-key " + api_key).digest()
    return sha256(b"both %d %s%s" % (len(api_key), api_key, authorization)).digest()
