"""What a client is told when its document does not run.

::

    DocumentError
    ├── MalformedDocumentId      400
    ├── UnsupportedVersion       400
    ├── HashMismatch             400
    ├── IdAndText                400
    ├── IdRequired               400
    ├── NotInList                404
    ├── NotInSafelist            403
    ├── NotRegistered            200   an automatic persisted query that is to be sent with its text
    ├── RegistrationOff          200   automatic persisted queries are off
    └── ClientRequired           400
"""

from __future__ import annotations

from typing import ClassVar

UNCACHEABLE = ((b"cache-control", b"private, no-cache, must-revalidate"),)
"""A shared cache that keeps a miss would answer it after the document is registered."""


class DocumentError(Exception):
    """The document cannot be run."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "BAD_REQUEST"
    headers: ClassVar[tuple[tuple[bytes, bytes], ...]] = UNCACHEABLE

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").partition("\n")[0]
        super().__init__(self.message)


class MalformedDocumentId(DocumentError):
    """The document id is not well-formed."""


class UnsupportedVersion(DocumentError):
    """Unsupported persisted query version"""  # noqa: D415 - Apollo's words


class HashMismatch(DocumentError):
    """provided sha does not match query"""  # noqa: D415 - Apollo's words

    code = "PERSISTED_QUERY_HASH_MISMATCH"


class IdAndText(DocumentError):
    """A request has a document id or a query, not both."""

    code = "CANNOT_SEND_PQ_ID_AND_BODY"


class IdRequired(DocumentError):
    """Only registered documents run, by their id."""

    code = "PERSISTED_QUERY_ID_REQUIRED"


class NotInList(DocumentError):
    """No document is registered under this id."""

    status = 404
    code = "PERSISTED_QUERY_NOT_IN_LIST"


class NotInSafelist(DocumentError):
    """Only registered documents run, and this is none."""

    status = 403
    code = "QUERY_NOT_IN_SAFELIST"


class NotRegistered(DocumentError):
    """PersistedQueryNotFound"""  # noqa: D415 - Apollo's word, which clients compare

    status = 200
    code = "PERSISTED_QUERY_NOT_FOUND"


class RegistrationOff(DocumentError):
    """PersistedQueryNotSupported"""  # noqa: D415 - Apollo's word, which clients compare

    status = 200
    code = "PERSISTED_QUERY_NOT_SUPPORTED"


class ClientRequired(DocumentError):
    """Say which client asks, in the header graphql-client-name."""

    code = "CLIENT_NAME_REQUIRED"
