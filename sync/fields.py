"""The payload of a record that no struct describes: its fields by name."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar


class Fields(dict[str, Any]):
    """Values by field: what JSON has, but ``Decimal`` for a number with a fraction; references are external ids.

    A target of such records needs no code, ``row=dict``, or a function of its own that may raise ``Refused``.
    """

    kind: ClassVar[str]


@cache
def fields_of(kind: str) -> type[Fields]:
    """The payloads of ``kind``."""
    return type("Fields", (Fields,), {"kind": kind, "__module__": __name__})
