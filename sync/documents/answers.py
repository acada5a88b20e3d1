"""What is asked of a supplier and what it answers.

Conditional GET and entity tags: RFC 9110, sections 8.8 and 13.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import BinaryIO

from sync.documents.bodies import checked
from sync.errors import DocumentRefused
from sync.politeness.retries import clock
from sync.politeness.turns import shown

ANSWERS = {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
KEPT_HEADERS = frozenset({"etag", "last-modified", "date", "content-type", "link"})
STATUS_RULE = "the status must be 200, 304 or 404"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document to ask for. ``path`` is relative to the source's address and may have a query.

    ``etag`` or ``modified`` (Last-Modified, as the supplier wrote it) are those of the version already had. ``content``
    is the body of a POST, in JSON. ``headers`` hold no secret: they are part of what a recording knows a request by.
    """

    path: str
    etag: str | None = None
    modified: str | None = None
    method: str = "GET"
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    """Headers of the answer that the source looks at, besides ``KEPT_HEADERS``."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer to a request, retries and redirects behind it. Of the headers only those that a source may read.

    ``body``: whole and decompressed, b"" unless the status is 200. ``file`` instead, of a document that was streamed or
    recorded: at its start. A recorder may read it, and wind it back, for no longer than its call lasts.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    file: BinaryIO | None = None
    again_at: datetime | None = None
    """The supplier asked to be left alone until then."""


@dataclass(frozen=True, slots=True)
class Document:
    """An answer. ``body`` is None when the supplier has no such document, or none newer than the one asked about."""

    path: str
    body: bytes | None
    unchanged: bool
    etag: str | None
    told_at: datetime | None
    """The supplier's clock (UTC), None when it told none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case: ``KEPT_HEADERS`` and those that ``Wanted.reads`` names."""
    modified: str | None = None
    """Last-Modified, as the supplier wrote it."""
    absent: bool = False
    """The supplier has no such document."""


def request_of(wanted: Wanted) -> str:
    """What a recording knows a request by: its method, its path, and a digest of its content and headers if any.

    Conditions are left out: they follow from the cursor.
    """
    if wanted.content is None and not wanted.headers:
        return f"{wanted.method} {wanted.path}"
    digest = hashlib.sha256(wanted.content or b"")
    for name, value in sorted((name.lower(), value) for name, value in wanted.headers.items()):
        digest.update(f"\n{name}: {value}".encode())
    return f"{wanted.method} {wanted.path} {digest.hexdigest()}"


def kept(headers: Mapping[str, str], wanted: Wanted) -> dict[str, str]:
    """Those of an answer's headers, names in lower case, that a source may read."""
    names = KEPT_HEADERS | {name.lower() for name in wanted.reads}
    return {name: value for name, value in headers.items() if name in names}


def document_of(wanted: Wanted, answer: Answer) -> Document:
    """What an answer means. Raises ``DocumentRefused`` for a status or a body that no source has to understand."""
    head = head_of(wanted, answer)
    if answer.status != HTTPStatus.OK:
        return head
    return replace(head, body=checked(answer.body, answer.headers.get("content-type", "")))


def head_of(wanted: Wanted, answer: Answer) -> Document:
    """What an answer means before its body is looked at. Raises ``DocumentRefused`` for a status."""
    if answer.status not in ANSWERS:
        again = f", it is asked again from {shown(answer.again_at)} on" if answer.again_at else ""
        raise DocumentRefused(STATUS_RULE, f"{answer.status}{again}")
    unchanged = answer.status == HTTPStatus.NOT_MODIFIED
    if unchanged and wanted.etag is None and wanted.modified is None:
        raise DocumentRefused(STATUS_RULE, "304, which nobody asked for")
    return Document(
        path=wanted.path,
        body=None,
        unchanged=unchanged,
        etag=answer.headers.get("etag"),
        told_at=clock(answer.headers.get("date")),
        headers=answer.headers,
        modified=answer.headers.get("last-modified"),
        absent=answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE},
    )
