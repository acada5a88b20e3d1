"""What can be wrong with what is pushed, published or asked of the registry.

::

    RegistryError
    ├── ManifestRefused       a manifest, or documents of it, break rules; all of them are told
    ├── DeploymentRefused     a deployment cannot be pushed, published or retired as it stands
    ├── UnknownDeployment     no deployment of that client has that version
    └── UnknownDocument       no document has that id
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """``document`` (an id, or a path) breaks ``rule`` with ``value``; ``name`` is its operation's, empty if unknown."""

    document: str
    name: str
    rule: str
    value: str

    def __str__(self) -> str:
        subject = " ".join(part for part in (self.name, self.document) if part)
        value = self.value if len(self.value) <= SHOWN_CHARACTERS else f"{self.value[:SHOWN_CHARACTERS]}…"
        return ": ".join(" ".join(part.split()) for part in (subject, self.rule, value) if part)


class RegistryError(Exception):
    """The registry could not do what it was asked. Its text is one line."""


class ManifestRefused(RegistryError):
    """Nothing of a manifest was stored, because of ``problems``."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(str(self.problems[0]) + (f" (and {count - 1} more)" if count > 1 else ""))


class DeploymentRefused(RegistryError):
    """The deployment of ``client`` and ``version`` cannot be changed so, because of ``rule``."""

    def __init__(self, client: str, version: str, rule: str) -> None:
        super().__init__(f"{client} {version}: {rule}")
        self.client = client
        self.version = version
        self.rule = rule


class BudgetRefused(RegistryError):
    """What was given is no budget of a document."""


class UnknownDeployment(RegistryError):
    """``client`` has no deployment ``version``."""

    def __init__(self, client: str, version: str) -> None:
        super().__init__(f"{client} {version}: no such deployment")


class UnknownDocument(RegistryError):
    """No document has this id."""

    def __init__(self, document_id: str) -> None:
        super().__init__(f"{document_id}: no document has this id")
