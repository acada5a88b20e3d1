"""An issuer of tokens: keys, tokens signed with them, and an HTTP server that publishes the public ones."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://issuer.example", "larder"


@dataclass(frozen=True)
class SigningKey:
    """A private key of an algorithm, and what is published of it."""

    key_id: str
    algorithm: str
    private: Any
    published: dict[str, Any]


def rsa_key(key_id: str, *, bits: int = 2048, **members: Any) -> SigningKey:
    private = rsa.generate_private_key(65537, bits)
    public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return SigningKey(key_id, "RS256", private, {**public, "kid": key_id, "alg": "RS256", "use": "sig", **members})


def ec_key(key_id: str) -> SigningKey:
    private = ec.generate_private_key(ec.SECP256R1())
    public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return SigningKey(key_id, "ES256", private, {**public, "kid": key_id, "use": "sig"})


def ed_key(key_id: str) -> SigningKey:
    private = ed25519.Ed25519PrivateKey.generate()
    public = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return SigningKey(key_id, "EdDSA", private, {**public, "kid": key_id})


def token(
    key: SigningKey,
    claims: dict[str, Any] | None = None,
    *,
    headers: dict[str, Any] | None = None,
    without: tuple[str, ...] = (),
) -> str:
    """A token that is good but for what the arguments change."""
    now = int(time.time())
    good: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 600}
    said = {name: value for name, value in {**good, **(claims or {})}.items() if name not in without}
    return jwt.encode(said, key.private, key.algorithm, headers={"kid": key.key_id, **(headers or {})})


@dataclass
class Issuer:
    """What the server publishes. asked: how often. status: what it answers with."""

    url: str
    keys: list[SigningKey]
    status: int = 200
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def publishing(*keys: SigningKey) -> Iterator[Issuer]:
    """An HTTP server with a JWK set, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with issuer.lock:
                issuer.asked += 1
            body = json.dumps({"keys": [key.published for key in issuer.keys]}).encode()
            self.send_response(issuer.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}/keys", list(keys))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
