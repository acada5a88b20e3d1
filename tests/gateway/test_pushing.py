"""Deployments over HTTP: exact requests, and the client that the command line uses, against a real server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn

from gateway.documents_client import DocumentsClient
from gateway.errors import GatewayError
from persisted_queries.deployments import PushReport
from persisted_queries.documents import sha256_of
from persisted_queries.manifests.manifest import Entry, Manifest
from tests.registered import KIND, PLACE, TWO, configured, prefixed, running, serving

TOKEN = "a token for pushes"  # noqa: S105 - the test's own
BEARER = {"authorization": f"Bearer {TOKEN}"}
WEB = {"client": "web", "version": "1"}
CODEGEN = {prefixed(KIND): KIND}


async def post(client: httpx2.AsyncClient, action: str, manifest: Any = None, /, **parameters: str) -> httpx2.Response:
    body = {} if manifest is None else {"json": manifest}
    return await client.post(f"/documents/{action}", params=WEB | parameters, headers=BEARER, **body)


async def test_a_deployment_is_pushed_published_and_retired(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch, PUSH_TOKEN=TOKEN, DOCUMENTS="ids-only") as client:
        rehearsed = await post(client, "push", CODEGEN, dryRun="true")
        pushed = await post(client, "push", CODEGEN)
        again = await post(client, "push", CODEGEN)
        pending = await client.post("/graphql", json={"documentId": prefixed(KIND)})
        published = await post(client, "publish")
        await until(client, 200)
        retired = await post(client, "retire")
        await until(client, 404)

    report = {"client": "web", "version": "1", "state": "pending", "documents": 1, "added": 1}
    assert rehearsed.json() == report | {"unchanged": False, "dryRun": True}
    assert pushed.json() == report | {"unchanged": False, "dryRun": False}
    assert again.json() == report | {"added": 0, "unchanged": True, "dryRun": False}
    assert pending.status_code == 404
    assert published.json() == {"client": "web", "version": "1", "generation": 1}
    assert retired.json() == {"client": "web", "version": "1", "generation": 2}


async def until(client: httpx2.AsyncClient, status: int) -> None:
    async with asyncio.timeout(5):
        while (await client.post("/graphql", json={"documentId": prefixed(KIND)})).status_code != status:  # noqa: ASYNC110 - as a client does
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer "}, {"authorization": f"Basic {TOKEN}"}, {"authorization": "Bearer x"}]
)
async def test_without_the_token_nothing_is_taken(
    store: str, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    async with serving(monkeypatch, PUSH_TOKEN=TOKEN) as client:
        refused = await client.post("/documents/push", params=WEB, json=CODEGEN, headers=headers)
        unknown = await post(client, "publish")

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.json()["errors"][0]["extensions"]["code"] == "UNAUTHORIZED"
    assert unknown.status_code == 404, "nothing was stored"


async def test_without_a_configured_token_there_is_nothing_to_push_to(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(monkeypatch) as client:
        response = await client.post("/documents/push", params=WEB, json=CODEGEN, headers=BEARER)

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html"), "Django's own"


Ask = tuple[str, Any, dict[str, str]]
REFUSED: list[tuple[Ask, int, str, str]] = [
    (("push", [1], {}), 422, "MANIFEST_REFUSED", "manifest: a manifest has one of the formats"),
    (("push", {prefixed(KIND): TWO}, {}), 422, "MANIFEST_REFUSED", "the id is not the sha256 of the document"),
    (("push", {prefixed("{ nothing }"): "{ nothing }"}, {}), 422, "MANIFEST_REFUSED", "Cannot query field 'nothing'"),
    (("push", {"format": "larder-documents"}, {}), 400, "BAD_REQUEST", "not a manifest of the format larder-documents"),
    (("push", CODEGEN, {"dryRun": "yes"}), 400, "BAD_REQUEST", "dryRun must be true or false"),
    (("push", CODEGEN, {"client": ""}), 400, "BAD_REQUEST", "client is missing in the query string"),
    (("push", CODEGEN, {"client": "a b"}), 409, "DEPLOYMENT_REFUSED", "a client's name has 1 to 256 visible ASCII"),
    (("publish", None, {}), 404, "DEPLOYMENT_UNKNOWN", "web 1: no such deployment"),
    (("retire", None, {}), 404, "DEPLOYMENT_UNKNOWN", "web 1: no such deployment"),
    (("prune", None, {}), 404, "NOT_FOUND", "use push, publish or retire, not 'prune'"),
]


@pytest.mark.parametrize(("ask", "status", "code", "message"), REFUSED)
async def test_what_is_refused(
    store: str, monkeypatch: pytest.MonkeyPatch, ask: Ask, status: int, code: str, message: str
) -> None:
    action, manifest, parameters = ask
    async with serving(monkeypatch, PUSH_TOKEN=TOKEN) as client:
        response = await post(client, action, manifest, **parameters)

    assert response.status_code == status
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": code}
    assert message in error["message"]


async def test_a_push_is_a_post(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch, PUSH_TOKEN=TOKEN) as client:
        response = await client.get("/documents/push", params=WEB, headers=BEARER)

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


# The client


@asynccontextmanager
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Address of a real HTTP server of the application."""
    gateway = configured(monkeypatch, PUSH_TOKEN=TOKEN)
    app: Any = gateway
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        async with running(gateway):
            task = asyncio.create_task(server.serve([listening]))
            try:
                yield "http://{}:{}".format(*listening.getsockname())
            finally:
                server.should_exit = True
                await task


async def test_the_client_does_the_same_from_afar(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = Manifest("apollo", (Entry(sha256_of(KIND), KIND), Entry("web~1~place", PLACE, "Place", "web")))

    async with served(monkeypatch) as url:
        client = DocumentsClient(f"{url}/", TOKEN)
        rehearsed = await asyncio.to_thread(client.push, manifest, "web", "1", dry_run=True)
        pushed = await asyncio.to_thread(client.push, manifest, "web", "1")
        generations = [
            await asyncio.to_thread(client.publish, "web", "1"),
            await asyncio.to_thread(client.publish, "web", "1", replace=False),
            await asyncio.to_thread(client.retire, "web", "1"),
        ]

    report = {"client": "web", "version": "1", "state": "pending", "documents": 2, "added": 2, "unchanged": False}
    assert rehearsed == PushReport(**report, dry_run=True)  # type: ignore[arg-type]
    assert pushed == PushReport(**report, dry_run=False)  # type: ignore[arg-type]
    assert generations == [1, 1, 2]


async def test_the_client_says_what_the_gateway_refuses(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Manifest("codegen", (Entry(prefixed(KIND), TWO), Entry(prefixed("{ no }"), "{ no }")))

    async with served(monkeypatch) as url:
        with pytest.raises(GatewayError) as refused:
            await asyncio.to_thread(DocumentsClient(url, TOKEN).push, wrong, "web", "1")
        with pytest.raises(GatewayError, match="send the push token as a bearer token"):
            await asyncio.to_thread(DocumentsClient(url, "another").retire, "web", "1")
        with pytest.raises(GatewayError, match="is LARDER_PUSH_TOKEN set there"):
            await asyncio.to_thread(DocumentsClient(f"{url}/elsewhere", TOKEN).retire, "web", "1")
    with pytest.raises(GatewayError, match="refused"):
        await asyncio.to_thread(DocumentsClient(url, TOKEN).retire, "web", "1")
    with pytest.raises(GatewayError, match="must be a URL starting with http"):
        DocumentsClient("ftp://gateway", TOKEN)

    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert "the id is not the sha256 of the document" in lines[0]
    assert "Cannot query field 'no'" in lines[1]
