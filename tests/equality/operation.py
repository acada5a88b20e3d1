"""One operation as a client sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Operation:
    """A document, its variables as JSON values, and which of its operations to run."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.document}\nvariables: {orjson.dumps(dict(self.variables)).decode()}\noperation name: {self.name}"
