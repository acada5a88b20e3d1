"""What each variant of each page exchanges with a gateway."""

from __future__ import annotations

from dataclasses import dataclass, field

NOT_FOUND = "200 PERSISTED_QUERY_NOT_FOUND"
NOT_IN_LIST = "404 PERSISTED_QUERY_NOT_IN_LIST"
NOT_SUPPORTED = "200 PERSISTED_QUERY_NOT_SUPPORTED"
DATA = "200 data"


@dataclass(frozen=True)
class Case:
    """A variant of a page, and what its first and its second visitor exchange with a gateway in a mode.

    client: the name under which the gateway counts the visits, None where it counts none.
    """

    page: str
    variant: str
    mode: str
    first: list[str]
    second: list[str]
    client: str | None = None
    settings: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return "-".join([self.page, self.variant or "manifest", self.gateway.replace(", ", "-")])

    @property
    def gateway(self) -> str:
        """The gateway's mode, and what else is set."""
        return ", ".join([self.mode, *(f"{name}={value}" for name, value in self.settings.items())])


def registered(page: str, variant: str, request: str, client: str = "web", mode: str = "ids-only") -> Case:
    """Every visitor is answered at once."""
    return Case(page, variant, mode, [f"{request} -> {DATA}"], [f"{request} -> {DATA}"], client)


def registering(page: str, variant: str, request: str, registration: str) -> Case:
    """The first visitor registers what the second one asks for."""
    first = [f"{request} -> {NOT_FOUND}", f"{registration} -> {DATA}"]
    return Case(page, variant, "open", first, [f"{request} -> {DATA}"])


def falling_back(page: str, variant: str, request: str, text: str) -> Case:
    """Every visitor learns that nothing can be registered, and sends the text."""
    exchanges = [f"{request} -> {NOT_SUPPORTED}", f"{text} -> {DATA}"]
    return Case(page, variant, "open", exchanges, exchanges, settings={"LARDER_APQ": "off"})


def refused(page: str, variant: str, request: str, mode: str) -> Case:
    """Every visitor asks for an id that no manifest has, and gives up."""
    return Case(page, variant, mode, [f"{request} -> {NOT_IN_LIST}"], [f"{request} -> {NOT_IN_LIST}"])


ANSWERED = [
    registered("apollo", "manifest", "POST id"),
    registered("apollo", "over-http", "POST id"),
    registered("apollo", "texts", "POST text", mode="safelist"),
    registering("apollo", "automatic", "POST id", "POST id + text"),
    registering("apollo", "automatic-get", "GET id", "POST id + text"),
    falling_back("apollo", "automatic", "POST id", "POST text"),
    falling_back("apollo", "automatic-get", "GET id", "POST text"),
    registered("codegen", "", "POST id"),
    registered("fetch", "get", "GET id", client=""),
    registered("fetch", "path", "GET id", client=""),
    registered("gql", "manifest", "POST id", client="reports"),
    registering("gql", "automatic", "POST id", "POST id + text"),
    registered("relay", "", "POST id"),
    registered("urql", "manifest", "GET id"),
    registering("urql", "automatic", "GET id", "GET id + text"),
    registering("urql", "automatic-post", "POST id", "POST id + text"),
    falling_back("urql", "automatic", "GET id", "GET text"),
]

REFUSED = [
    refused("apollo", "automatic", "POST id", "safelist"),
    refused("apollo", "automatic-get", "GET id", "ids-only"),
    refused("gql", "automatic", "POST id", "safelist"),
    refused("urql", "automatic", "GET id", "ids-only"),
]
