"""What is asked of the supplier: a path with its query, or a body in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from sync.documents import Wanted
from sync.sources.http_json.values import text_of

SAFE = "/:,@"


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` may have a query. ``content`` is the body of a POST, whose fields parameters then are."""

    path: str
    content: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_parameter(self, name: str, value: Any) -> Request:
        """The same with ``name`` set, in place of what it was."""
        if self.content is not None:
            return replace(self, content={**self.content, name: value})
        path, _, query = self.path.partition("?")
        kept = [(key, one) for key, one in parse_qsl(query, keep_blank_values=True) if key != name]
        return replace(self, path=f"{path}?{urlencode([*kept, (name, text_of(value))], quote_via=quote, safe=SAFE)}")

    def at(self, path: str) -> Request:
        """The same at another path."""
        return replace(self, path=path)

    @property
    def body(self) -> bytes | None:
        """The content in JSON, the same bytes for the same content."""
        return None if self.content is None else msgspec.json.encode(self.content, order="sorted")

    def wanted(self, etag: str | None = None, modified: str | None = None) -> Wanted:
        """As ``sync.documents`` takes it."""
        return Wanted(
            self.path,
            etag,
            modified,
            method="GET" if self.content is None else "POST",
            content=self.body,
            headers=self.headers,
        )

    @property
    def identity(self) -> tuple[str, bytes | None]:
        """Equal for requests that ask for the same."""
        return self.path, self.body
