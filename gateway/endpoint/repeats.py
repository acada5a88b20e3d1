"""Requests that came before: what was found out about one holds for the next one with the same bytes.

Only what is the same for as long as the registry, the clients' modes and the viewer are: which document it is, that it
may run, what it costs, the key of its answer. Whether that answer is still right is asked each time.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from gateway.endpoint.answering import Asked
from gateway.endpoint.documents import Documents
from gateway.endpoint.remembered import Remembered
from gateway.endpoint.requests import Headers, Scope
from loaders.viewer import Viewer

SAYING = (
    b"accept",
    b"accept-encoding",
    b"graphql-client-name",
    b"graphql-client-version",
    b"apollographql-client-name",
    b"apollographql-client-version",
    b"larder-developer-key",
    b"content-type",
    b"content-encoding",
)
"""Headers that say something about what is asked for; who asks is the viewer."""

REMEMBERED_BYTES = 32 * 1024 * 1024
LARGEST_BYTES = 16 * 1024
OVERHEAD_BYTES = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """What was found out. viewer: kept, so that nobody else gets its identity. state: of the documents at the time."""

    viewer: Viewer
    asked: Asked
    state: object
    media_type: str
    encoding: str


class Repeats:
    """Remembers requests by their bytes, the headers that matter and the viewer."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self._known: Remembered[Repeat] = Remembered(REMEMBERED_BYTES)

    @staticmethod
    def key(scope: Scope, headers: Headers, data: bytes, viewer: Viewer) -> Hashable:
        """What a request has to have in common with another one."""
        posted = scope["method"] == "POST"
        return (posted, scope["path"], scope["query_string"], data, id(viewer), *map(headers.get, SAYING))

    def get(self, key: Hashable) -> Repeat | None:
        """What is known of a request, if it still holds."""
        found = self._known.get(key)
        return found if found is not None and self.holds(found) else None

    def holds(self, repeat: Repeat) -> bool:
        """Whether what was found out is still so."""
        return repeat.state is self.documents.state

    def keep(self, key: Hashable, size: int, repeat: Repeat) -> None:
        """Remember a request of so many bytes."""
        chosen = repeat.asked.chosen
        if size <= LARGEST_BYTES and not chosen.once:
            # The registry holds its documents anyway; of any other this may be the only one who does.
            held = 0 if chosen.registered else chosen.prepared.weight
            self._known.keep(key, repeat, size + OVERHEAD_BYTES + held)
