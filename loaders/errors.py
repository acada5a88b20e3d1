"""What can go wrong on the read path.

::

    LarderError
    ├── DeclarationError      a schema that the engine cannot serve (raised while it is built)
    ├── ClientError           the request is at fault; its message is for the client
    │   ├── BadCursor
    │   └── BadArgument
    └── StoreError            the store is at fault
        ├── StoreUnavailable
        └── StoreBusy
"""

from __future__ import annotations

from typing import ClassVar


class LarderError(Exception):
    """Larder could not do what it was asked."""

    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").partition("\n")[0])


class DeclarationError(LarderError):
    """The schema declares something that the engine cannot serve."""


class ClientError(LarderError):
    """The request cannot be answered as it stands."""

    code = "BAD_REQUEST"


class BadCursor(ClientError):
    """The cursor does not belong to this list."""

    code = "BAD_CURSOR"


class BadArgument(ClientError):
    """An argument has a value that the field does not take."""

    code = "BAD_ARGUMENT"


class StoreError(LarderError):
    """The store could not be read."""

    code = "STORE_UNAVAILABLE"


class StoreUnavailable(StoreError):
    """The store does not answer."""


class StoreBusy(StoreError):
    """No lane to the store came free in time."""

    code = "STORE_BUSY"
