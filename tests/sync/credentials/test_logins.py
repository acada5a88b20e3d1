"""Toast's log-in of a machine client, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from sync.documents import Answer, Documents, Limits, Wanted, open_documents
from sync.errors import DocumentRefused
from sync.politeness.memory import MemoryAllowances
from sync.settings import SourceSettings
from tests.sync.answering import Answering, Asked, Reply

HUSH = "hush-hush"
LOGIN = "/authentication/v1/authentication/login"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORNER_SECRET", HUSH)


def opened(server: Answering, kept: list[str] | None = None) -> Documents:
    credentials = {"login_url": f"{server.url}{LOGIN}", "client_id": "larder", "client_secret_env": "CORNER_SECRET"}
    settings = SourceSettings("corner", "toast", server.url, credentials=credentials)

    async def record(wanted: Wanted, answer: Answer) -> None:
        if kept is not None:
            kept.append(f"{wanted!r} {answer!r}")

    return open_documents(settings, Limits(attempts=1), MemoryAllowances(), recorder=record)


class Door:
    """Grants numbered tokens; ``/menus`` wants the last one."""

    def __init__(self, server: Answering, expires_in: float | None = 86_400) -> None:
        self.count = 0
        self.expires_in = expires_in
        server.replies[LOGIN] = lambda _: self.grant()
        server.replies["/menus"] = self.menus

    def grant(self) -> Reply:
        self.count += 1
        token = {"tokenType": "Bearer", "scope": None, "expiresIn": self.expires_in, "accessToken": f"t-{self.count}"}
        told = {"@class": ".SuccessfulResponse", "token": token, "status": "SUCCESS"}
        return Reply(chunks=(json.dumps(told).encode(),), pause_seconds=0.05)

    def menus(self, asked: Asked) -> Reply:
        return Reply(200 if asked.headers.get("authorization") == f"Bearer t-{self.count}" else 401)


async def test_a_client_logs_in_once_for_all_requests_and_runs(server: Answering) -> None:
    door = Door(server)

    for _ in range(2):
        async with opened(server) as documents:
            await asyncio.gather(*(documents.get(Wanted("menus")) for _ in range(8)))

    [asked] = [asked for asked in server.asked if asked.target == LOGIN]
    assert (door.count, server.targets.count("/menus")) == (1, 16)
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/json")
    assert "authorization" not in asked.headers
    assert json.loads(asked.body) == {
        "clientId": "larder",
        "clientSecret": HUSH,
        "userAccessType": "TOAST_MACHINE_CLIENT",
    }


async def test_a_token_near_its_end_is_replaced_before_it_is_refused(server: Answering) -> None:
    Door(server, expires_in=0)

    async with opened(server) as documents:
        for _ in range(3):
            await documents.get(Wanted("menus"))

    assert server.targets == [LOGIN, "/menus"] * 3


async def test_a_token_that_is_refused_is_replaced_once_for_all(server: Answering) -> None:
    door = Door(server)

    async with opened(server) as documents:
        await documents.get(Wanted("menus"))
        server.asked.clear()
        door.count = 7
        await asyncio.gather(*(documents.get(Wanted("menus")) for _ in range(5)))
        server.asked.clear()
        server.replies["/menus"] = Reply(401)
        with pytest.raises(DocumentRefused, match="401"):
            await documents.get(Wanted("menus"))

    assert door.count == 9
    assert server.targets == ["/menus", LOGIN, "/menus"]


def told(status: int, body: Any) -> Reply:
    return Reply(status, (json.dumps(body).encode(),))


DENIED: dict[str, tuple[Reply, str]] = {
    "with its secret": (told(401, {"message": HUSH}), "a token must be granted: 401"),
    "in OAuth's shape": (told(200, {"access_token": HUSH}), "a token must be granted: an answer of another shape"),
    "as nothing": (told(200, {"token": {"accessToken": ""}}), "a token must be granted: a token that no header can"),
    "of another type": (
        told(200, {"token": {"accessToken": HUSH, "tokenType": "MAC"}}),
        "a token must be of the type bearer: MAC",
    ),
}


@pytest.mark.parametrize("case", DENIED)
async def test_a_log_in_that_is_denied_is_named_and_quotes_no_answer(
    server: Answering, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.replies[LOGIN], message = DENIED[case]

    async with opened(server) as documents:
        with pytest.raises(DocumentRefused) as caught:
            await documents.get(Wanted("menus"))

    assert str(caught.value).startswith(message)
    assert server.targets == [LOGIN]
    assert HUSH not in f"{caught.value!r} {caplog.text}"


async def test_no_secret_is_recorded_or_logged(server: Answering, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Door(server)
    kept: list[str] = []

    async with opened(server, kept) as documents:
        await documents.get(Wanted("menus"))

    assert len(kept) == 1
    assert not any(secret in f"{kept} {caplog.text}" for secret in (HUSH, "t-1"))
