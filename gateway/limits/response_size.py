"""The size of a response."""

from __future__ import annotations

from gateway.endpoint.errors import RequestError


def check_response_size(size: int, limit: int) -> None:
    """Raise ``RequestError`` for a body of more bytes than are allowed, before compression.

    400, because the operation asks for too much, as one that is estimated to cost too much does: 413 is said of a
    request's body, and a 5xx would be tried again. GraphQL over HTTP sends no 2xx without ``data``.
    """
    if size > limit:
        raise RequestError(
            400, "RESPONSE_TOO_LARGE", f"the response has {size:,} bytes; {limit:,} bytes are allowed: ask for less"
        )
