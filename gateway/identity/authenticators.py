"""The seam of identity: what tells from a credential who asks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from gateway.endpoint.errors import RequestError
from gateway.identity.credentials import Credentials
from loaders.viewer import Viewer

NO_STORE = (b"cache-control", b"no-store")


@dataclass(frozen=True, slots=True)
class Recognised:
    """Somebody whose credential was checked. until: by the monotonic clock, when it has to be checked again."""

    viewer: Viewer
    until: float

    @classmethod
    def for_seconds(cls, viewer: Viewer, seconds: float) -> Recognised:
        """Recognised now, and good for so long."""
        return cls(viewer, time.monotonic() + seconds)


class Authenticator(Protocol):
    """Tells from a credential who asks."""

    async def authenticate(self, credentials: Credentials) -> Recognised | None:
        """Whose credential it is; None where it is of a kind that this authenticator does not know.

        Raises ``RequestError``: ``unauthenticated(...)`` for one of its kind that is not good, ``unavailable(...)``
        where that cannot be told; ``StoreError`` where the store does not answer.
        """

    async def open(self) -> None:
        """Begin what goes on in the background; returns at once."""

    async def close(self) -> None:
        """End it."""


def unauthenticated(reason: str, error: str = "invalid_token") -> RequestError:
    """The refusal of a credential, with a challenge (RFC 6750 section 3). error: its ``error``; empty: none."""
    challenge = f'Bearer realm="larder", error="{error}"' if error else 'Bearer realm="larder"'
    return RequestError(401, "UNAUTHENTICATED", reason, ((b"www-authenticate", challenge.encode()), NO_STORE))


def unavailable(reason: str) -> RequestError:
    """The refusal where it cannot be told whether a credential is good."""
    return RequestError(503, "IDENTITY_UNAVAILABLE", reason, ((b"retry-after", b"1"), NO_STORE))
