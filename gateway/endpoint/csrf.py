"""Requests that a browser sends for another site, with the user's cookies and without asking first.

Apollo's rule, as its Router applies it
(https://www.apollographql.com/docs/graphos/routing/security/csrf): execute only what a browser would not have sent
across sites without a preflight. A POST is always JSON, which needs one; a GET needs one if it has an unusual header.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.endpoint.errors import RequestError
from gateway.endpoint.parameters import IDS

PROOFS = (b"apollo-require-preflight", b"graphql-require-preflight", b"x-apollo-operation-name")
"""Headers that no page can send to another site without a preflight; their values say nothing."""


def check_preflight(
    headers: Mapping[bytes, bytes],
    parameters: Mapping[str, Any],
    path_id: str | None = None,
    *,
    cookies_authenticate: bool,
) -> None:
    """Raise ``RequestError`` for a GET that a page of another site could have sent in a user's name.

    parameters, path_id: of the request. A POST has been read as JSON already, and passes. cookies_authenticate: whether
    a cookie alone tells who asks; where none does, there is nothing to be gained, and every GET passes. So does one
    that names its document by an id alone: somebody other than the page has chosen what it runs.
    """
    if not cookies_authenticate or any(headers.get(name) for name in PROOFS):
        return
    named = path_id is not None or any(parameters.get(name) for name in IDS)
    if named and not parameters.get("query"):
        return
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == b"application/json":
        return
    raise RequestError(
        400,
        "PREFLIGHT_REQUIRED",
        "a GET that is authenticated by cookies needs a documentId and no query, or one of the headers "
        f"{', '.join(name.decode() for name in PROOFS)}",
    )
