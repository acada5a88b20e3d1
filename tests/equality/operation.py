"""One operation as a client sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from loaders.viewer import ANONYMOUS, Viewer


@dataclass(frozen=True, slots=True)
class Operation:
    """A document, its variables as JSON values, which of its operations to run, and who asks."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    viewer: Viewer = ANONYMOUS

    def __str__(self) -> str:
        variables = orjson.dumps(dict(self.variables)).decode()
        return f"{self.document}\nvariables: {variables}\noperation name: {self.name}\nviewer: {self.viewer}"
