"""What an answer to bad input may look like."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEAKS = re.compile(
    r"Traceback|File \"|site-packages|/usr/|/home/|\.py\b|psycopg|django|strawberry|uvicorn|graphql-core"
    r"|\bSELECT\b|\bFROM\b|larder_|\bpg_|relation \"|column \"|object at 0x",
    re.IGNORECASE,
)
"""What tells how the gateway is made, or where it lies."""

DELIBERATE = {
    "STORE_BUSY",
    "STORE_UNAVAILABLE",
    "OVERLOADED",
    "DEADLINE_EXCEEDED",
    "REQUEST_TIMEOUT",
    "TOO_MANY_CONNECTIONS",
}
"""Codes with which a gateway may refuse what it has no room or time for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came. headers: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def problems(self, *, empty: bool = False) -> list[str]:
        """What is wrong with it. empty: whether it has to be without a body."""
        if empty or self.status == 204:
            return [f"a body of {len(self.body)} bytes"] if self.body else self._of_status([])
        try:
            said = json.loads(self.body)
        except ValueError:
            return [f"{self.status} is not JSON: {self.body[:200]!r}"]
        kind = self.headers.get("content-type", "")
        found = [] if "json" in kind else [f"JSON as {kind!r}"]
        return found + [problem for one in (said if isinstance(said, list) else [said]) for problem in self._of(one)]

    def _of(self, said: Any) -> list[str]:
        errors: list[Any] = said.get("errors", []) if isinstance(said, dict) else [None]
        if not all(isinstance(error, dict) and error.get("message") for error in errors):
            return [f"no GraphQL response: {self.body[:200]!r}"]
        codes = [error.get("extensions", {}).get("code") for error in errors]
        found = [] if errors or "data" in said else [f"neither data nor errors: {self.body[:200]!r}"]
        if None in codes or "INTERNAL_ERROR" in codes:
            found.append(f"{self.status} with {codes[:3]}: {self.body[:300]!r}")
        return found + self._of_status(codes) + self._of_leaks(errors)

    def _of_status(self, codes: list[Any]) -> list[str]:
        deliberate = self.status == 503 and codes and set(codes) <= DELIBERATE
        return [f"{self.status} with {codes[:3]}: {self.body[:200]!r}"] if self.status >= 500 and not deliberate else []

    def _of_leaks(self, errors: list[dict[str, Any]]) -> list[str]:
        leaked = LEAKS.search(json.dumps(errors))
        return [f"{self.status} leaks {leaked.group()!r}: {self.body[:300]!r}"] if leaked else []
