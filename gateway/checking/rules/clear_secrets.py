"""Secrets in the file of sources, which is for everybody to read: in repositories, backups, reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.suppliers import split

WORDS = ("secret", "password", "passwd", "token", "bearer", "apikey", "privatekey")
"""What names of secrets have in them, without their - and _."""

CARRIERS = {"authorization", "proxyauthorization", "cookie"}
"""Headers that hold nothing but secrets."""

ELSEWHERE = ("_env", "_file", "_url", "_id", "header", "scope", "client_auth", "parameter")
"""Endings of names that tell where a secret is found, or what is none."""

EXPRESSED = (".records", ".paging", ".since")
"""Parts of a declaration that say where something is in what a supplier tells."""

ADVICE = (
    "replace it, for it is known, and put the new one into the environment or a file that `credentials` or `webhook` "
    "names (docs/suppliers.md)"
)


def find(project: Project) -> Iterator[Found]:
    """Each entry that is a secret by its name, or an address with one in it. The secret itself is never shown."""
    for source in project.suppliers.sources:
        for spot, what in secrets(source.spot, source.declared):
            yield Found(project.suppliers.place(spot), spot, f"{what} stands in the file", ADVICE)


def secrets(spot: str, value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The places of secrets in a declaration, each with what it is. name: that of the entry."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from secrets(f"{spot}.{key}", inner, key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from secrets(f"{spot}[{number}]", inner, name)
    elif isinstance(value, str) and value and not any(part in spot for part in EXPRESSED):
        if names_a_secret(name) or spot.endswith((".credentials.key", ".webhook.key")):
            yield spot, "a secret"
        elif name == "path" or name.endswith("url"):
            parts = split(value)
            if parts and (parts.password or any(names_a_secret(key) for key, _ in parse_qsl(parts.query))):
                yield spot, "an address with a secret"


def names_a_secret(name: str) -> bool:
    """Whether a name is that of a secret itself."""
    lowered = name.lower()
    if lowered.endswith(ELSEWHERE):
        return False
    plain = lowered.replace("-", "").replace("_", "")
    return plain in CARRIERS or any(word in plain for word in WORDS)
