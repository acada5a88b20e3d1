"""Tokens: one that the issuer made for us says who asks; whatever else looks like one is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.endpoint.errors import RequestError
from gateway.errors import ConfigError
from gateway.identity.credentials import Credentials
from gateway.identity.keyring import KeyFile
from gateway.identity.tokens import Tokens
from loaders.viewer import Viewer
from tests.gateway.identity.issuer import AUDIENCE, ISSUER, SigningKey, ec_key, ed_key, rsa_key, token

RSA, EC, ED, STRANGER, SMALL = (
    rsa_key("one"),
    ec_key("two"),
    ed_key("three"),
    rsa_key("one"),
    rsa_key("small", bits=1024),
)
ENCRYPTING = rsa_key("enc", use="enc")
WRITING = rsa_key("writing", key_ops=["sign"])


class Ahead(int):
    """Seconds from the moment at which a token is made."""


def now() -> int:
    return int(time.time())


def at_this_moment(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: now() + value if isinstance(value, Ahead) else value for name, value in claims.items()}


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(KeyFile(key_file(tmp_path, RSA, EC, ED, SMALL, ENCRYPTING, WRITING)), ISSUER, [AUDIENCE, "other"])


def key_file(folder: Path, *keys: SigningKey) -> Path:
    path = folder / "keys.json"
    secret = {"kty": "oct", "kid": "secret", "k": base64.urlsafe_b64encode(b"s" * 32).decode(), "alg": "HS256"}
    path.write_text(json.dumps({"keys": [*(key.published for key in keys), secret]}))
    return path


async def viewer(tokens: Tokens, text: str) -> Viewer:
    found = await tokens.authenticate(Credentials(bearer=text))
    assert found is not None
    return found.viewer


@pytest.mark.parametrize("key", [RSA, EC, ED], ids=lambda key: key.algorithm)
async def test_a_good_token_says_who_asks(tokens: Tokens, key: SigningKey) -> None:
    assert (await viewer(tokens, token(key))).subject == "jwt:ada"


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "prices:read stock:read"}, {"prices:read", "stock:read"}),
        ({"scp": ["prices:read", 7]}, {"prices:read"}),
        ({"scp": "a b", "scope": "c"}, {"a", "b", "c"}),
        ({"scope": {"a": 1}}, set()),
        ({}, set()),
    ],
)
async def test_scopes(tokens: Tokens, claims: dict[str, Any], scopes: set[str]) -> None:
    assert (await viewer(tokens, token(RSA, claims))).scopes == scopes


async def test_facets_are_the_claims_that_are_mapped(tmp_path: Path) -> None:
    facets = {"audience": "https://example.com/member", "tier": "tier", "staff": "staff", "gone": "gone", "odd": "odd"}
    mapped = Tokens(KeyFile(key_file(tmp_path, RSA)), ISSUER, [AUDIENCE], facets=facets)

    found = await viewer(
        mapped,
        token(RSA, {"https://example.com/member": "STUDENTS", "tier": 3, "staff": True, "odd": [1], "not": "mapped"}),
    )

    assert dict(found.facets) == {"audience": "STUDENTS", "tier": "3", "staff": "true"}


async def test_it_counts_until_it_expires_and_a_minute_at_the_most(tokens: Tokens) -> None:
    soon = await tokens.authenticate(Credentials(bearer=token(RSA, {"exp": now() + 10})))
    late = await tokens.authenticate(Credentials(bearer=token(RSA)))

    assert soon is not None
    assert late is not None
    assert soon.until < time.monotonic() + 10 + 30
    assert late.until <= time.monotonic() + 60


@pytest.mark.parametrize(
    ("claims", "without", "reason"),
    [
        ({"exp": Ahead(-60)}, (), "Signature has expired"),
        ({}, ("exp",), 'missing the "exp" claim'),
        ({"nbf": Ahead(120)}, (), "not yet valid (nbf)"),
        ({"iat": Ahead(120)}, (), "not yet valid (iat)"),
        ({"aud": "somebody"}, (), "Audience doesn't match"),
        ({}, ("aud",), 'missing the "aud" claim'),
        ({"iss": "https://else.example"}, (), "Invalid issuer"),
        ({}, ("iss",), 'missing the "iss" claim'),
        ({}, ("sub",), 'missing the "sub" claim'),
        ({"exp": "soon"}, (), "must be an integer"),
    ],
)
async def test_claims_that_are_not_good(
    tokens: Tokens, claims: dict[str, Any], without: tuple[str, ...], reason: str
) -> None:
    assert reason in (await refusal(tokens, token(RSA, at_this_moment(claims), without=without))).message


@pytest.mark.parametrize(
    "claims", [{"exp": Ahead(-10)}, {"nbf": Ahead(15)}, {"aud": ["x", AUDIENCE]}, {"aud": "other"}]
)
async def test_clocks_may_differ_and_audiences_may_be_several(tokens: Tokens, claims: dict[str, Any]) -> None:
    assert (await viewer(tokens, token(RSA, at_this_moment(claims)))).subject == "jwt:ada"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"crit": ["exp"]}, "Unsupported critical extension"),
        ({"typ": "logout+jwt"}, "tokens of the type 'logout+jwt' are not taken"),
        ({"kid": "unknown"}, "the issuer has no key 'unknown'"),
        ({"kid": "two"}, "does not match"),
        ({"kid": "enc"}, "the issuer has no key 'enc'"),
        ({"kid": "secret"}, "the issuer has no key 'secret'"),
    ],
)
async def test_headers_that_are_not_good(tokens: Tokens, headers: dict[str, Any], reason: str) -> None:
    assert reason in (await refusal(tokens, token(RSA, headers=headers))).message


async def test_a_critical_header_that_pyjwt_understands_is_refused_too(tokens: Tokens) -> None:
    text = forged({"alg": "RS256", "kid": "one", "crit": ["b64"], "b64": True}, None)

    assert "critical header" in (await refusal(tokens, text)).message


@pytest.mark.parametrize("kind", ["at+jwt", "application/at+jwt", "JWT", "jwt"])
async def test_types_of_tokens_for_resources(tokens: Tokens, kind: str) -> None:
    assert (await viewer(tokens, token(RSA, headers={"typ": kind}))).subject == "jwt:ada"


@pytest.mark.parametrize("key", [STRANGER, SMALL, ENCRYPTING, WRITING], ids=["stranger", "small", "enc", "ops"])
@pytest.mark.filterwarnings("ignore:The RSA key is")
async def test_keys_that_may_not_sign(tokens: Tokens, key: SigningKey) -> None:
    assert (await refusal(tokens, token(key))).status == 401


async def test_a_public_key_is_no_secret(tokens: Tokens) -> None:
    public = RSA.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    confused = forged({"alg": "HS256", "kid": "one"}, public)

    assert "'HS256' are not taken" in (await refusal(tokens, confused)).message


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "", None])
async def test_a_token_does_not_choose_how_it_is_verified(tokens: Tokens, algorithm: str | None) -> None:
    assert "are not taken" in (await refusal(tokens, forged({"alg": algorithm, "kid": "one"}, None))).message


async def test_only_algorithms_that_are_allowed(tmp_path: Path) -> None:
    narrow = Tokens(KeyFile(key_file(tmp_path, RSA, EC)), ISSUER, [AUDIENCE], algorithms=["ES256"])

    assert (await viewer(narrow, token(EC))).subject == "jwt:ada"
    assert "'RS256' are not taken" in (await refusal(narrow, token(RSA))).message


async def test_a_changed_token_is_refused(tokens: Tokens) -> None:
    header, _, signature = token(RSA).split(".")
    claims = encoded({"iss": ISSUER, "aud": AUDIENCE, "sub": "eve", "exp": now() + 600})

    assert "Signature verification failed" in (await refusal(tokens, f"{header}.{claims}.{signature}")).message


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "....", "\xff.\xff.\xff", "x" * 9000, "e30.e30.e30"])
async def test_what_is_no_token(tokens: Tokens, text: str) -> None:
    refused = await refusal(tokens, text)

    assert (refused.status, refused.code) == (401, "UNAUTHENTICATED")
    assert len(refused.message) < 300


async def test_without_a_key_id_the_only_key_is_meant(tmp_path: Path) -> None:
    only = Tokens(KeyFile(key_file(tmp_path, RSA)), ISSUER, [AUDIENCE])
    nameless = jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": now() + 600}, RSA.private, "RS256")

    assert (await viewer(only, nameless)).subject == "jwt:ada"


async def test_without_a_key_id_none_of_several_is_meant(tokens: Tokens) -> None:
    nameless = jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": now() + 600}, RSA.private, "RS256")

    assert "no key 'None'" in (await refusal(tokens, nameless)).message


async def test_api_keys_and_sessions_are_somebody_elses(tokens: Tokens) -> None:
    assert await tokens.authenticate(Credentials(bearer="lk_1")) is None
    assert await tokens.authenticate(Credentials(session="a.b.c")) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": []}', '{"keys": [{"kty": "what"}]}'])
def test_a_file_that_is_no_key_set(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"LARDER_JWT_KEYS: .*keys\.json is no JWK set"):
        KeyFile(path)


async def refusal(tokens: Tokens, text: str) -> RequestError:
    with pytest.raises(RequestError) as caught:
        await tokens.authenticate(Credentials(bearer=text))
    return caught.value


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(header: dict[str, Any], secret: bytes | None) -> str:
    """A token whose header is as wished, signed with HMAC-SHA256 if there is a secret."""

    signed = f"{encoded(header)}.{encoded({'iss': ISSUER, 'aud': AUDIENCE, 'sub': 'eve', 'exp': now() + 600})}"
    signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest() if secret else b""
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
