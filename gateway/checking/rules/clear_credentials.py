"""Credentials that are sent over http: whoever is on the way reads them."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.checking.findings import Found
from gateway.checking.project import Project
from gateway.checking.suppliers import DeclaredSource, readable_on_the_way

FETCHED = ("token_url", "login_url")


def find(project: Project) -> Iterator[Found]:
    """Each address that a source shows its credentials to."""
    for source in project.suppliers.sources:
        for spot, url in addresses(source):
            if readable_on_the_way(url):
                yield Found(
                    project.suppliers.place(spot),
                    spot,
                    "credentials are sent to it without encryption",
                    "use https://",
                )


def addresses(source: DeclaredSource) -> Iterator[tuple[str, object]]:
    """The addresses, each with its place."""
    credentials = source.table("credentials")
    if credentials:
        yield f"{source.spot}.url", source.declared.get("url")
    for name in FETCHED:
        if name in credentials:
            yield f"{source.spot}.credentials.{name}", credentials[name]
