"""What a client sees of an error: a message, a stable code, an HTTP status. Nothing else ever leaves."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

import structlog
from graphql import GraphQLError

from loaders.errors import ClientError, LarderError

MASKED = "The server could not answer this field."

log = structlog.get_logger(__name__)


class Phase(enum.Enum):
    """How far an operation came when it failed."""

    DOCUMENT = "document"
    VARIABLES = "variables"
    EXECUTION = "execution"


@dataclass(eq=False)
class RequestError(Exception):
    """A request that is refused before anything runs."""

    status: int
    code: str
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"

    def payload(self) -> dict[str, Any]:
        """The GraphQL response that says so."""
        return {"errors": [{"message": self.message, "extensions": {"code": self.code}}]}


def public_error(error: GraphQLError, phase: Phase) -> dict[str, Any]:
    """One entry of ``errors``.

    A parse or validation error and a ``ClientError`` keep their message; the store's failures keep their code;
    everything else is masked and logged.
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
        log.error("resolver failed", path=error.path, exc_info=cause)
        shown["message"] = MASKED
    return shown


def code_of(error: GraphQLError, phase: Phase) -> str:
    """The stable code of an error."""
    cause = error.original_error
    if isinstance(cause, LarderError):
        return cause.code
    if cause is not None and not isinstance(cause, GraphQLError):
        return "INTERNAL_ERROR"
    if phase is Phase.EXECUTION:
        return "BAD_ARGUMENT"
    if phase is Phase.VARIABLES:
        return "BAD_VARIABLES"
    return "GRAPHQL_PARSE_FAILED" if error.message.startswith("Syntax Error") else "GRAPHQL_VALIDATION_FAILED"
