"""What suppliers are shown, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from sync.documents import Answer, Documents, Limits, Wanted, open_documents, request_of
from sync.errors import DocumentRefused, SettingsError
from sync.politeness.memory import MemoryAllowances
from sync.settings import SourceSettings
from tests.sync.answering import Answering, Asked, Reply

HUSH = "hush-hush"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKERY_SECRET", HUSH)


def opened(server: Answering, limits: Limits | None = None, **credentials: Any) -> Documents:
    settings = SourceSettings("bakery", "http_json", server.url, credentials=credentials)
    return open_documents(settings, limits or Limits(attempts=1), MemoryAllowances())


BASIC = base64.b64encode(f"larder:{HUSH}".encode()).decode()


@pytest.mark.parametrize(
    ("credentials", "header", "value"),
    [
        ({"header": "X-API-KEY", "env": "BAKERY_SECRET"}, "x-api-key", HUSH),
        ({"bearer_env": "BAKERY_SECRET"}, "authorization", f"Bearer {HUSH}"),
        ({"basic_user": "larder", "basic_password_env": "BAKERY_SECRET"}, "authorization", f"Basic {BASIC}"),
    ],
)
async def test_each_request_shows_what_is_declared(
    server: Answering, credentials: dict[str, Any], header: str, value: str
) -> None:
    server.replies["/menu"] = Reply(302, headers={"Location": "/other"})
    server.replies["/other"] = Reply()

    async with opened(server, **credentials) as documents:
        await documents.get(Wanted("menu"))

    assert [asked.headers[header] for asked in server.asked] == [value, value]


async def test_a_missing_secret_stops_before_anything_is_asked(server: Answering) -> None:
    async with opened(server, header="X", env="NOWHERE") as documents:
        with pytest.raises(SettingsError, match=r"sources\.bakery\.credentials\.env must name a variable that is set"):
            await documents.get(Wanted("menu"))

    assert server.asked == []


class Endpoint:
    """A token endpoint and what it guards: ``/menu`` wants the token that was granted last."""

    def __init__(self, server: Answering, **granted: Any) -> None:
        self.server = server
        self.granted = granted
        self.count = 0
        self.answer: Callable[[], Reply] = self.grant
        server.replies["/token"] = lambda _: self.answer()
        server.replies["/menu"] = self.menu

    def grant(self) -> Reply:
        self.count += 1
        told = {"access_token": f"token-{self.count}", "token_type": "Bearer", "expires_in": 3_600, **self.granted}
        return Reply(chunks=(json.dumps(told).encode(),), pause_seconds=0.05)

    def menu(self, asked: Asked) -> Reply:
        return Reply(200 if asked.headers.get("authorization") == f"Bearer token-{self.count}" else 401)

    def declared(self, **other: Any) -> dict[str, Any]:
        url = f"{self.server.url}/token"
        return {"token_url": url, "client_id": "lar der", "client_secret_env": "BAKERY_SECRET", **other}


async def test_a_token_is_fetched_once_for_all_requests_and_runs(server: Answering) -> None:
    endpoint = Endpoint(server)

    for _ in range(2):
        async with opened(server, **endpoint.declared(scope="od.all")) as documents:
            await asyncio.gather(*(documents.get(Wanted("menu")) for _ in range(8)))

    assert (endpoint.count, server.targets.count("/menu")) == (1, 16)
    [asked] = [asked for asked in server.asked if asked.target == "/token"]
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["authorization"] == f"Basic {base64.b64encode(f'lar%20der:{HUSH}'.encode()).decode()}"
    assert parse_qs(asked.body.decode()) == {"grant_type": ["client_credentials"], "scope": ["od.all"]}


async def test_a_client_may_show_itself_in_the_body(server: Answering) -> None:
    endpoint = Endpoint(server)

    async with opened(server, **endpoint.declared(client_auth="body")) as documents:
        await documents.get(Wanted("menu"))

    form = {"grant_type": ["client_credentials"], "client_id": ["lar der"], "client_secret": [HUSH]}
    assert parse_qs(server.asked[0].body.decode()) == form
    assert "authorization" not in server.asked[0].headers


async def test_a_token_that_is_refused_is_replaced_once_for_all(server: Answering) -> None:
    endpoint = Endpoint(server)
    async with opened(server, **endpoint.declared()) as documents:
        await documents.get(Wanted("menu"))
        server.asked.clear()
        endpoint.count = 7  # token-1 is good no more

        answers = await asyncio.gather(*(documents.get(Wanted("menu")) for _ in range(5)))

    assert [answer.body for answer in answers] == [b"[]"] * 5
    assert (endpoint.count, server.targets.count("/token"), server.targets.count("/menu")) == (8, 1, 10)


async def test_a_supplier_that_refuses_every_token_is_asked_twice(server: Answering) -> None:
    endpoint = Endpoint(server)
    server.replies["/menu"] = Reply(401)

    async with opened(server, Limits(attempts=3), **endpoint.declared()) as documents:
        with pytest.raises(DocumentRefused, match="the status must be 200, 304 or 404: 401"):
            await documents.get(Wanted("menu"))

    assert (endpoint.count, server.targets.count("/menu")) == (2, 2)


async def test_a_401_without_tokens_is_final(server: Answering) -> None:
    server.replies["/menu"] = Reply(401)

    async with opened(server, bearer_env="BAKERY_SECRET") as documents:
        with pytest.raises(DocumentRefused, match="401"):
            await documents.get(Wanted("menu"))

    assert server.targets == ["/menu"]


async def test_a_token_near_its_end_is_replaced_before_it_is_refused(server: Answering) -> None:
    endpoint = Endpoint(server, expires_in=0)

    async with opened(server, **endpoint.declared()) as documents:
        for _ in range(3):
            await documents.get(Wanted("menu"))

    assert server.targets == ["/token", "/menu"] * 3


async def test_a_refresh_token_is_used_and_followed(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKERY_REFRESH", "first")
    endpoint = Endpoint(server, expires_in=0, refresh_token="second")  # noqa: S106 - no secret

    declared = endpoint.declared(refresh_token_env="BAKERY_REFRESH")  # noqa: S106 - a name

    async with opened(server, **declared) as documents:
        for _ in range(3):
            await documents.get(Wanted("menu"))

    forms = [parse_qs(asked.body.decode()) for asked in server.asked if asked.target == "/token"]
    assert [form["grant_type"] for form in forms] == [["refresh_token"]] * 3
    assert [form["refresh_token"] for form in forms] == [["first"], ["second"], ["second"]]


def told(status: int = 200, body: Any = None, **headers: str) -> Reply:
    return Reply(status, (body if isinstance(body, bytes) else json.dumps(body).encode(),), headers)


DENIED: dict[str, tuple[Reply, str]] = {
    "by its code": (told(401, {"error": "invalid_client", "x": HUSH}), "a token must be granted: 401 invalid_client"),
    "with its secret": (told(400, {"error": HUSH}), "a token must be granted: 400"),
    "by a page": (told(403, b"<html>"), "a token must be granted: 403"),
    "elsewhere": (told(302, b"", Location="http://elsewhere.example/"), "a redirect must stay at "),
    "in another shape": (told(200, {"token": HUSH}), "a token must be granted: an answer of another shape"),
    "as no header": (told(200, {"access_token": "a\r\nb"}), "a token must be granted: a token that no header can hold"),
    "of another type": (
        told(200, {"access_token": "a", "token_type": "mac"}),
        "a token must be of the type bearer: mac",
    ),
    "too large": (told(200, b" " * 100_000), "a document must have at most 65536 bytes: more"),
    "with more time asked": (told(429, b"", **{"Retry-After": "300"}), "a token must be granted: 429"),
}


@pytest.mark.parametrize("case", DENIED)
async def test_a_token_that_is_denied_is_named_and_quotes_no_answer(
    server: Answering, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reply, message = DENIED[case]
    endpoint = Endpoint(server)
    endpoint.answer = lambda: reply

    async with opened(server, **endpoint.declared()) as documents:
        with pytest.raises(DocumentRefused) as caught:
            await documents.get(Wanted("menu"))

    assert str(caught.value).startswith(message)
    assert server.targets == ["/token"]
    assert HUSH not in f"{caught.value!r} {caplog.text}"


async def test_tokens_keep_to_the_suppliers_limits(server: Answering) -> None:
    endpoint = Endpoint(server, expires_in=0)
    limits = Limits.read("limits", {"rates": [{"per_second": 5}]})

    async with opened(server, limits, **endpoint.declared()) as documents:
        for _ in range(2):
            await documents.get(Wanted("menu"))

    first, *_, last = [asked.at for asked in server.asked]
    assert last - first >= 0.5


async def test_no_secret_is_recorded_or_logged(server: Answering, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint = Endpoint(server)
    server.replies["/menu"] = Reply(headers={"Set-Cookie": HUSH, "Authorization": HUSH})
    kept: list[str] = []

    async def record(wanted: Wanted, answer: Answer) -> None:
        kept.append(f"{request_of(wanted)} {wanted!r} {answer!r}")

    settings = SourceSettings("bakery", "http_json", server.url, credentials=endpoint.declared())
    async with open_documents(settings, Limits(), MemoryAllowances(), recorder=record) as documents:
        document = await documents.get(Wanted("menu"))

    assert len(kept) == 1
    assert not any(secret in f"{kept} {document!r} {caplog.text}" for secret in (HUSH, "token-1"))
