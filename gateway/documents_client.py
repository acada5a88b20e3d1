"""Pushing, publishing and retiring over HTTP: the other end of ``gateway.endpoint.pushing``."""

from __future__ import annotations

from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import (  # noqa: TID251 - a command calls our own gateway here, no supplier
    HTTPRedirectHandler,
    Request,
    build_opener,
)

import orjson

from gateway.errors import GatewayError
from persisted_queries.deployments import PushReport
from persisted_queries.manifests.manifest import Manifest

TIMEOUT_SECONDS = 120
FORMAT = "larder-documents"


class DocumentsClient:
    """Calls the gateway at ``url`` (``https://gateway.example``) with its push token.

    Every method raises ``GatewayError`` with what the gateway says, one line for each problem.
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise GatewayError(f"{url}: must be a URL starting with http:// or https://")
        self.url = url.rstrip("/")
        self.token = token

    def push(self, manifest: Manifest, client: str, version: str, *, dry_run: bool = False) -> PushReport:
        """As ``persisted_queries.deployments.push``."""
        said = self._post("push", dumped(manifest), client=client, version=version, dryRun=flag(dry_run))
        said["dry_run"] = said.pop("dryRun")
        return PushReport(**said)

    def publish(self, client: str, version: str, *, replace: bool = True) -> int:
        """As ``persisted_queries.deployments.publish``. Returns: the generation."""
        return int(self._post("publish", b"", client=client, version=version, replace=flag(replace))["generation"])

    def retire(self, client: str, version: str) -> int:
        """As ``persisted_queries.deployments.retire``. Returns: the generation."""
        return int(self._post("retire", b"", client=client, version=version)["generation"])

    def _post(self, action: str, body: bytes, **parameters: str) -> dict[str, Any]:
        request = Request(  # noqa: S310 - the scheme is checked
            f"{self.url}/documents/{action}?{urlencode(parameters)}",
            data=body,
            headers={"authorization": f"Bearer {self.token}", "content-type": "application/json"},
            method="POST",
        )
        try:
            with build_opener(NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as response:
                said = orjson.loads(response.read())
        except HTTPError as error:
            raise GatewayError(refusal(error.code, error.read())) from error
        except (URLError, OSError, orjson.JSONDecodeError) as error:
            raise GatewayError(f"{self.url}: {getattr(error, 'reason', error)}") from error
        if not isinstance(said, dict):
            raise GatewayError(f"{self.url}: is no Larder gateway")
        return said


class NoRedirects(HTTPRedirectHandler):
    """A redirect would take the token elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none: the answer counts as a refusal."""


def dumped(manifest: Manifest) -> bytes:
    """A manifest as the gateway reads it, whatever it was made of."""
    entries = [
        {"id": entry.document_id, "text": entry.text, "name": entry.name, "client": entry.client}
        for entry in manifest.entries
    ]
    return orjson.dumps({"format": FORMAT, "version": 1, "source": manifest.format, "documents": entries})


def refusal(status: int, body: bytes) -> str:
    """What a gateway that refuses says, one line for each problem."""
    try:
        return "\n".join(error["message"] for error in orjson.loads(body)["errors"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return f"the gateway answers {status}: is LARDER_PUSH_TOKEN set there?"


def flag(value: bool) -> str:  # noqa: FBT001 - a flag is what it writes
    return "true" if value else "false"
