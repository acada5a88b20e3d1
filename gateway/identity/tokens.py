"""JSON Web Tokens (RFC 7519), verified as RFC 8725 asks: by the key of the issuer, never as the token itself wishes."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import jwt
from jwt import PyJWTError

from gateway.configured.identity import JWT_ALGORITHMS
from gateway.identity.authenticators import Recognised, unauthenticated, unavailable
from gateway.identity.credentials import Credentials
from gateway.identity.grants import texts
from gateway.identity.key_text import PREFIX
from gateway.identity.keyring import Keys
from loaders.viewer import Viewer

ALGORITHMS = JWT_ALGORITHMS
"""Those with a public key. None is symmetric, so that no public key can serve as a secret (RFC 8725 section 2.1)."""

TYPES = {"jwt", "at+jwt"}
"""What a token's ``typ`` may be, if it has one: no logout token and no other kind that an issuer signs."""

RECHECK_SECONDS = 60.0
"""How long a verified token counts before it is verified again: the issuer may have withdrawn its key."""

LONGEST = 8192
SHOWN = 100
"""Characters of what a token says that a refusal repeats."""


@dataclass(frozen=True)
class Tokens:
    """Knows the bearers of tokens that ``issuer`` made for one of ``audience``.

    leeway_seconds: how far clocks may be apart. facets: claim by facet.
    """

    keys: Keys
    issuer: str
    audience: Collection[str]
    algorithms: Collection[str] = ALGORITHMS
    leeway_seconds: float = 30.0
    facets: Mapping[str, str] = field(default_factory=dict)

    async def open(self) -> None:
        """Begin to read keys."""
        await self.keys.open()

    async def close(self) -> None:
        """Stop reading them."""
        await self.keys.close()

    async def authenticate(self, credentials: Credentials) -> Recognised | None:
        """Whose token it is."""
        token = credentials.bearer
        if token is None or token.startswith(PREFIX):
            return None
        if len(token) > LONGEST:
            raise unauthenticated(f"the token has more than {LONGEST} characters")
        try:
            claims = await self._claims(token)
        except PyJWTError as error:
            raise unauthenticated(f"the token is not good: {str(error)[:SHOWN]}") from error
        except ValueError as error:
            raise unauthenticated("the token is not well-formed") from error
        seconds = min(int(claims["exp"]) + self.leeway_seconds - time.time(), RECHECK_SECONDS)
        return Recognised.for_seconds(self._viewer(claims), seconds)

    async def _claims(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm, kind = str(header.get("alg")), str(header.get("typ", "JWT"))
        if algorithm not in self.algorithms:
            raise unauthenticated(f"tokens signed with {shown(algorithm)} are not taken")
        if kind.lower().removeprefix("application/") not in TYPES:
            raise unauthenticated(f"tokens of the type {shown(kind)} are not taken")
        if "crit" in header:
            raise unauthenticated("the token has a critical header that is not understood")
        key = await self.keys.key(header.get("kid"))
        if key is None:
            if not self.keys.known:
                raise unavailable("The keys of the issuer are not known.")
            raise unauthenticated(f"the issuer has no key {shown(header.get('kid'))}")
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=self.issuer,
            audience=list(self.audience),
            leeway=self.leeway_seconds,
            options={"require": ["exp", "sub", "iss", "aud"], "enforce_minimum_key_length": True},
        )

    def _viewer(self, claims: Mapping[str, Any]) -> Viewer:
        named = {facet: claims[claim] for facet, claim in self.facets.items() if claim in claims}
        return Viewer(f"jwt:{claims['sub']}", scopes_of(claims), MappingProxyType(texts(named)))


def scopes_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """The scopes of a token: ``scope`` (RFC 8693 section 4.2) and ``scp``, as a text with blanks or as a list."""
    found: set[str] = set()
    for name in ("scope", "scp"):
        value = claims.get(name)
        if isinstance(value, str):
            found.update(value.split())
        elif isinstance(value, list):
            found.update(one for one in value if isinstance(one, str))
    return frozenset(found)


def shown(value: object) -> str:
    """A value out of a token, as a message repeats it."""
    return repr(str(value)[:SHOWN])
