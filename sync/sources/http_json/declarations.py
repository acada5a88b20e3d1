"""What a source of this kind declares: its streams, their documents, the records of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.protocol import Mode
from sync.sources.http_json.expressions import Expression
from sync.sources.http_json.paging import Paging, Single
from sync.sources.http_json.paths import Path
from sync.sources.http_json.requests import Request

WHOLE = "@"
"""The document itself."""

Value = Expression | Mapping[str, Any] | str | int | bool | Sequence[Any] | None
"""What a field is made of: an expression, a literal, or a table of these."""


@dataclass(frozen=True, slots=True)
class RecordOf:
    """How an item, or each element of a list in it, becomes a record of ``kind``."""

    place: str
    kind: str
    key: Expression
    fields: Mapping[str, Value]
    each: Expression | None = None
    when: Expression | None = None
    gone: Expression | None = None
    version: Expression | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """How a delta goes on: ``value`` of a page is sent as ``parameter`` by the next run."""

    parameter: str
    value: Expression
    first: str | int | None
    keep: str


@dataclass(frozen=True, slots=True)
class DocumentOf:
    """A list that is asked for, once for each item of ``parent``, or once."""

    place: str
    name: str
    path: Path
    request: Request
    items: Expression
    paging: Paging
    confirms: Expression
    scope: Expression
    records: Sequence[RecordOf]
    parent: str | None = None
    total: Expression | None = None
    as_of: Expression | None = None
    since: Since | None = None
    missing: str = "refused"
    tells_units: bool = True
    """Whether its items say which units and scopes there are."""
    streamed: str | None = None
    """Of a document that is read item by item, and never held: where its array is, as names joined by dots."""


@dataclass(frozen=True, slots=True)
class StreamOf:
    """One stream."""

    place: str
    name: str
    mode: Mode
    concerns: tuple[str, ...]
    every_seconds: int
    guarded: bool
    documents: Sequence[DocumentOf]
    reading: str
    """Digest of the declaration: documents read in another way must be read again."""

    @property
    def conditional(self) -> bool:
        """Whether an unchanged document says that all rows of the stream are unchanged."""
        return self.mode is Mode.SNAPSHOT and len(self.documents) == 1 and isinstance(self.documents[0].paging, Single)
