"""What ran against a gateway, for the table at the end of the test run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.clients.cases import Case
from tests.clients.projects import HERE

PACKAGES = {
    "apollo": ("@apollo/client", "@apollo/generate-persisted-query-manifest"),
    "codegen": ("@graphql-codegen/client-preset",),
    "fetch": (),
    "gql": ("gql",),
    "relay": ("relay-runtime", "relay-compiler"),
    "urql": ("urql", "@urql/exchange-persisted"),
}
"""The packages that a page is about, whose versions the table tells."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A case that went as it should, two visits of it."""

    case: Case

    def cells(self) -> list[str]:
        """The table's row."""
        return [
            ", ".join(f"{name} {version_of(name)}" for name in PACKAGES[self.case.page]) or "plain fetch",
            self.case.variant or "manifest",
            self.case.gateway,
            "; ".join(self.case.first),
            "; ".join(self.case.second),
        ]


RAN: list[Ran] = []
HEADINGS = ["client", "variant", "gateway", "first visit", "second visit"]


def table() -> list[str]:
    """The lines of the table."""
    rows = [HEADINGS, *(ran.cells() for ran in RAN)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def version_of(package: str) -> str:
    """The installed version of a package of npm's or Python's."""
    installed = HERE / "node_modules" / package / "package.json"
    if installed.exists():
        return str(json.loads(installed.read_text())["version"])
    (found,) = (HERE / ".venv").glob(f"lib/python*/site-packages/{package}-*.dist-info")
    return Path(found).name.removeprefix(f"{package}-").removesuffix(".dist-info")
