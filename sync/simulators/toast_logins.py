"""The simulated log-in of Toast's machine clients: a token for an identifier and a secret, which each request shows."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from sync.simulators.http import Answer, Exchange, json_answer

LOGIN = "/authentication/v1/authentication/login"
TOKEN_BYTES = 24


class Client(msgspec.Struct, rename="camel"):
    """Body of a log-in."""

    client_id: str
    client_secret: str
    user_access_type: str


@dataclass(slots=True)
class Logins:
    """Grants tokens to one client, which last ``token_seconds``. Without a secret everybody may ask everything."""

    client_id: str
    client_secret: str
    token_seconds: int
    clock: Callable[[], float] = time.monotonic
    ends: dict[str, float] = field(default_factory=dict)
    """Token to its end."""

    def answer(self, exchange: Exchange) -> Answer | None:
        """What a log-in is answered, and whoever has not; None for a request that may go on."""
        if not self.client_secret:
            return None
        if (exchange.method, exchange.path) == ("POST", LOGIN):
            return self.log_in(exchange.body)
        scheme, _, token = exchange.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.ends.get(token, -math.inf) > self.clock():
            return None
        return refusal("The token is not valid.")

    def log_in(self, body: bytes) -> Answer:
        """A token, for the client alone."""
        try:
            client = msgspec.json.decode(body, type=Client)
        except msgspec.DecodeError as exc:
            return json_answer(HTTPStatus.BAD_REQUEST, {"status": int(HTTPStatus.BAD_REQUEST), "message": str(exc)})
        if client != Client(self.client_id, self.client_secret, "TOAST_MACHINE_CLIENT"):
            return refusal("The client is not known.")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self.ends[token] = self.clock() + self.token_seconds
        granted: dict[str, Any] = {"tokenType": "Bearer", "scope": None, "expiresIn": self.token_seconds}
        granted |= {"accessToken": token, "idToken": None, "refreshToken": None}
        return json_answer(HTTPStatus.OK, {"@class": ".SuccessfulResponse", "token": granted, "status": "SUCCESS"})

    async def revoke(self, _body: bytes) -> None:
        """No token is good any more."""
        self.ends.clear()


def refusal(message: str) -> Answer:
    return json_answer(HTTPStatus.UNAUTHORIZED, {"status": int(HTTPStatus.UNAUTHORIZED), "message": message})
