"""What a client sees of an error: a message, a stable code, an HTTP status. Nothing else ever leaves."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from graphql import GraphQLError

from gateway.observing.correlation import current
from loaders.errors import ClientError, LarderError

MASKED = "The server could not answer this field."
UNREADABLE = "A value cannot be read as what it has to be."
FAILED = "The server could not answer this request."

BUG = "INTERNAL_ERROR"

log = structlog.get_logger(__name__)

listeners: list[Callable[[BaseException], None]] = []
"""Who is told of every bug beside the log, once each; filled while the gateway is put together."""


class Phase(enum.Enum):
    """How far an operation came when it failed."""

    DOCUMENT = "document"
    VARIABLES = "variables"
    EXECUTION = "execution"


@dataclass(eq=False)
class RequestError(Exception):
    """A request that is refused before anything runs. extensions: what is told beside the code."""

    status: int
    code: str
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())
    extensions: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"

    def payload(self) -> dict[str, Any]:
        """The GraphQL response that says so."""
        return {"errors": [{"message": self.message, "extensions": {"code": self.code, **self.extensions}}]}


class ClientGone(RequestError):
    """The client has closed the connection; nobody sees the answer. The status is that of nginx's log."""

    def __init__(self) -> None:
        super().__init__(499, "CLIENT_CLOSED_REQUEST", "the client has closed the connection")


def failed_request(error: Exception) -> RequestError:
    """What a client is told of a bug outside of any field; the log has the rest, under the same correlation id."""
    tell_of_bug("request failed", error)
    return RequestError(500, BUG, FAILED, extensions=correlation())


def public_error(error: GraphQLError, phase: Phase) -> dict[str, Any]:
    """One entry of ``errors``.

    A parse or validation error and a ``ClientError`` keep their message, unless Python's own words are in it, as of an
    integer of 5,000 digits. The store's failures keep their code. Everything else is masked and logged, and carries the
    correlation id that the log knows it by.
    """
    shown: dict[str, Any] = {"message": error.message}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        shown["path"] = list(error.path)
    shown["extensions"] = {"code": code_of(error, phase)}
    cause = error.original_error
    if isinstance(cause, LarderError):
        if not isinstance(cause, ClientError):
            log.warning("store failed", error=str(cause), cause=repr(cause.__cause__), path=error.path)
            shown["message"] = (type(cause).__doc__ or MASKED).partition("\n")[0]
    elif cause is not None and not isinstance(cause, GraphQLError):
        if phase is Phase.EXECUTION:
            tell_of_bug("resolver failed", cause, path=error.path)
        shown["message"] = MASKED if phase is Phase.EXECUTION else UNREADABLE
    if shown["extensions"]["code"] == BUG:
        shown["extensions"] |= correlation()
    return shown


def tell_of_bug(event: str, error: BaseException, **known: Any) -> None:
    """Log it, and tell every listener; one that fails itself is logged as well."""
    log.error(event, exc_info=error, **known)
    for listener in listeners:
        try:
            listener(error)
        except Exception as failure:  # noqa: BLE001 - the client's answer does not depend on who listens
            log.warning("bug not reported", error=repr(failure))


def correlation() -> dict[str, str]:
    """``correlationId`` of the request at hand, if there is any."""
    correlation_id = current()
    return {} if correlation_id is None else {"correlationId": correlation_id}


def code_of(error: GraphQLError, phase: Phase) -> str:
    """The stable code of an error."""
    cause = error.original_error
    if isinstance(cause, LarderError):
        return cause.code
    if phase is Phase.EXECUTION and cause is not None and not isinstance(cause, GraphQLError):
        return BUG
    if phase is Phase.EXECUTION:
        return "BAD_ARGUMENT"
    if phase is Phase.VARIABLES:
        return "BAD_VARIABLES"
    return "GRAPHQL_PARSE_FAILED" if error.message.startswith("Syntax Error") else "GRAPHQL_VALIDATION_FAILED"
