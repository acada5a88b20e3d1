"""Which document a request runs: by its id, by its text, or none that it may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from gateway.endpoint.errors import RequestError
from gateway.endpoint.prepared import PreparedDocument
from gateway.endpoint.preparing import Preparer
from gateway.endpoint.requests import GraphQLRequest
from loaders.errors import StoreError
from loaders.recent import Recent
from persisted_queries.clients import Client, client_of
from persisted_queries.documents import Document, sha256_of
from persisted_queries.errors import (
    ClientRequired,
    DocumentError,
    HashMismatch,
    IdAndText,
    IdRequired,
    NotInList,
    NotInSafelist,
    NotRegistered,
    RegistrationOff,
)
from persisted_queries.policies import Mode, Policies, Policy
from persisted_queries.protocols import PROTOCOLS, read_document
from persisted_queries.protocols.asked import Asked
from persisted_queries.safelist import Safelist

DEVELOPER_KEY = b"larder-developer-key"
LOGGED = 4096
"""Unknown documents remembered as logged; each is logged once while it is."""

NO_MODES: Mapping[str, Mode] = {}

SHOWN = 1000
"""Characters of an unknown document that are logged."""

log = structlog.get_logger(__name__)


class Entry(Protocol):
    """A registered document that is ready to run."""

    @property
    def document(self) -> Document: ...
    @property
    def prepared(self) -> PreparedDocument: ...


class Registrations(Protocol):
    """Where automatic persisted queries are kept."""

    async def get(self, sha256: str) -> str | None:
        """The text that was registered under its digest."""

    async def put(self, sha256: str, text: str) -> None:
        """Keep a text."""


class Registry(Protocol):
    """Where registered documents are found. generation: another one, other documents."""

    @property
    def generation(self) -> int: ...

    async def get(self, document_id: str) -> Entry | None:
        """What is registered under an id. Raises ``StoreError``."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The document that a request runs.

    registers: the digest under which its text is to be kept once it is valid. registered: whether it is one of the
    registry's. once: whether each request has to be looked at by itself.
    """

    prepared: PreparedDocument
    client: Client
    registers: str | None = None
    registered: bool = False
    once: bool = False


@dataclass(eq=False)
class Documents:
    """Chooses the documents that requests run.

    registry, safelist: None without a registry. registrations: None without automatic persisted queries. modes: of
    clients, by name, as they are at the moment. protocols: names in ``PROTOCOLS``, in their order of precedence. used:
    counts one use of a registered document, by its SHA-256 and the client's name. unknown: how many texts ran
    unregistered in the mode ``log-unknown``.
    """

    preparer: Preparer
    registry: Registry | None = None
    safelist: Safelist | None = None
    registrations: Registrations | None = None
    policies: Policies = field(default_factory=Policies)
    modes: Callable[[], Mapping[str, Mode]] = lambda: NO_MODES
    protocols: Sequence[str] = tuple(PROTOCOLS)
    client_required: bool = False
    used: Callable[[str, str | None], None] = lambda _sha256, _client: None
    unknown: int = field(default=0, init=False)
    _state: tuple[int, Mapping[str, Mode]] = field(default=(0, NO_MODES), init=False, repr=False)
    _told: Recent[str] = field(default_factory=lambda: Recent(LOGGED), init=False)

    def __post_init__(self) -> None:
        self._reads = [PROTOCOLS[name] for name in self.protocols]

    async def choose(self, request: GraphQLRequest, header: Callable[[bytes], str]) -> Chosen:
        """The document of a request. header: its headers' values. Raises ``RequestError``."""
        try:
            client = client_of(header)
            if self.client_required and client.name is None:
                raise ClientRequired
            if request.path_id is not None and "document-id" not in self.protocols:
                raise NotInList
            asked = read_document(request.parameters, request.path_id, self._reads)
            policy = self.policies.of(client.name, self.modes(), header(DEVELOPER_KEY))
            if asked.document_id is None:
                return await self._by_text(asked, client, policy)
            return await self._by_id(asked, asked.document_id, client, policy)
        except DocumentError as error:
            raise RequestError(error.status, error.code, error.message, error.headers) from error
        except StoreError as error:
            raise RequestError(503, error.code, (type(error).__doc__ or "").partition("\n")[0]) from error

    @property
    def state(self) -> tuple[int, Mapping[str, Mode]]:
        """What decides which document a request runs, beside the request: another one, another decision."""
        generation = self.registry.generation if self.registry is not None else 0
        modes = self.modes()
        if self._state[0] != generation or self._state[1] is not modes:
            self._state = generation, modes
        return self._state

    def count(self, chosen: Chosen) -> None:
        """Count one use of a document that is registered."""
        if chosen.registered:
            self.used(chosen.prepared.sha256, chosen.client.name)

    async def keep(self, chosen: Chosen) -> None:
        """Register the text of a request that asked for it, if it is valid."""
        if chosen.registers is not None and chosen.prepared.valid and self.registrations is not None:
            await self.registrations.put(chosen.registers, chosen.prepared.text)

    async def _by_id(self, asked: Asked, document_id: str, client: Client, policy: Policy) -> Chosen:
        if asked.text is not None:
            return self._to_register(asked, asked.text, client, policy)
        if self.registry is not None and (entry := await self.registry.get(document_id)) is not None:
            return self._registered(entry, client)
        if asked.sha256 is None or policy.mode.lists:
            raise NotInList
        if not policy.registers or self.registrations is None:
            raise RegistrationOff
        text = await self.registrations.get(asked.sha256)
        if text is None:
            raise NotRegistered
        return Chosen(self.preparer.of_text(text), client)

    def _to_register(self, asked: Asked, text: str, client: Client, policy: Policy) -> Chosen:
        """The text that comes with an id, which no protocol but one allows."""
        if not asked.registers or policy.mode.lists:
            raise IdAndText
        if not policy.registers or self.registrations is None:
            raise RegistrationOff
        if sha256_of(text) != asked.sha256:
            raise HashMismatch
        return Chosen(self.preparer.of_text(text), client, registers=asked.sha256, once=True)

    async def _by_text(self, asked: Asked, client: Client, policy: Policy) -> Chosen:
        if policy.mode is Mode.IDS_ONLY:
            raise IdRequired
        if asked.text is None:
            raise RequestError(400, "BAD_REQUEST", "query is missing")
        if policy.mode is Mode.OPEN:
            return Chosen(self.preparer.of_text(asked.text), client)
        if (entry := await self._equal_to(asked.text, policy.mode)) is not None:
            return self._registered(entry, client)
        if policy.mode is Mode.SAFELIST:
            raise NotInSafelist
        self._note_unknown(asked.text, client)
        return Chosen(self.preparer.of_text(asked.text), client, once=True)

    async def _equal_to(self, text: str, mode: Mode) -> Entry | None:
        if self.registry is None or self.safelist is None:
            return None
        get: Callable[[str], Awaitable[Entry | None]] = self.registry.get
        try:
            return await self.safelist.entry(text, get)
        except StoreError:
            # Only a mode that forbids has to know.
            if mode is Mode.SAFELIST:
                raise
            return None

    def _registered(self, entry: Entry, client: Client) -> Chosen:
        chosen = Chosen(entry.prepared, client, registered=True)
        self.count(chosen)
        return chosen

    def _note_unknown(self, text: str, client: Client) -> None:
        self.unknown += 1
        sha256 = sha256_of(text)

        def tell() -> str:
            log.warning(
                "document is not registered",
                sha256=sha256,
                client=client.name,
                version=client.version,
                document=text[:SHOWN],
            )
            return sha256

        self._told.get((sha256, client.name), tell)
