"""Django's sessions: whoever is logged in to Django is known to GraphQL too.

Django's own code reads the session and checks it, whatever its engine and its user model are, in threads of its own:
so nothing blocks the event loop and nothing of Django's request handling is needed. It costs some milliseconds, once
per session in ``seconds``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model, load_backend
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, connections
from django.utils.crypto import constant_time_compare

from gateway.identity.authenticators import Recognised, unavailable
from gateway.identity.credentials import Credentials
from gateway.identity.kept import Kept
from gateway.identity.reading_threads import ReadingThreads
from gateway.observing.metrics import SCOPE as METRICS_SCOPE
from loaders.viewer import ANONYMOUS, Viewer

LONGEST = 4096
CAPACITY = 10_000
OUTAGE_SECONDS = 300.0
"""How long a session that was read goes on while the store does not answer: nobody can log out there either."""

RETRY_SECONDS = 1.0
OPERATOR_SCOPES = frozenset({"larder:explain", "larder:introspect", METRICS_SCOPE})
"""What Larder itself asks for, and superusers have."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The user of a session. scopes: names of the user's groups; a superuser's also Larder's own."""

    user_id: str
    scopes: frozenset[str]


class Sessions:
    """Knows the bearers of Django's session cookie. Logging out takes effect after ``seconds`` at the most."""

    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds
        self._away_until = float("-inf")
        self._last: Kept[bytes, Viewer] = Kept(CAPACITY)
        # Apart from the others, so that nobody who is logged in waits behind a flood of made-up sessions.
        self._known = ReadingThreads("known-sessions", read_in_thread)
        self._strangers = ReadingThreads("sessions", read_in_thread)

    async def open(self) -> None:
        """Begin nothing."""

    async def close(self) -> None:
        """End the threads."""
        self._known.close()
        self._strangers.close()

    async def authenticate(self, credentials: Credentials) -> Recognised | None:
        """Who is logged in; the anonymous viewer where the session is over, as Django has it."""
        if credentials.session is None:
            return None
        digest = sha256(credentials.session.encode()).digest()
        last = self._last.get(digest, time.monotonic())
        if last is not None and time.monotonic() < self._away_until:
            return Recognised.for_seconds(last, RETRY_SECONDS)
        threads = self._strangers if last is None else self._known
        try:
            found = await threads.of(credentials.session)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            log.warning("session cannot be read", error=str(error).partition("\n")[0])
            if last is None:
                raise unavailable("Sessions cannot be read.") from error
            self._away_until = time.monotonic() + RETRY_SECONDS
            return Recognised.for_seconds(last, RETRY_SECONDS)
        if found is None:
            self._last.forget(digest)
            return Recognised.for_seconds(ANONYMOUS, self.seconds)
        viewer = Viewer(f"user:{found.user_id}", found.scopes)
        self._last.put(digest, viewer, time.monotonic() + self.seconds + OUTAGE_SECONDS)
        return Recognised.for_seconds(viewer, self.seconds)


def read_in_thread(session_key: str) -> LoggedIn | None:
    """Who is logged in, over a connection that is closed again: nobody else would close it."""
    try:
        return read_session(session_key)
    finally:
        connections.close_all()


def read_session(session_key: str) -> LoggedIn | None:
    """The user of a session, None where nobody is logged in (any more).

    What ``django.contrib.auth.get_user`` does, but for writing: a session whose password was changed is refused, not
    deleted, and one that was signed with a fallback key keeps its key, because no cookie can be sent from here.
    """
    if len(session_key) > LONGEST or "\x00" in session_key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    backend, user_id = session.get(BACKEND_SESSION_KEY), session.get(SESSION_KEY)
    if user_id is None or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    try:
        user: Any = load_backend(backend).get_user(get_user_model()._meta.pk.to_python(user_id))
    except ValidationError:
        return None
    if user is None or not goes_on(user, session.get(HASH_SESSION_KEY)):
        return None
    groups = user.groups.values_list("name", flat=True) if hasattr(user, "groups") else ()
    operator = OPERATOR_SCOPES if getattr(user, "is_superuser", False) else ()
    return LoggedIn(str(user.pk), frozenset(groups) | frozenset(operator))


def goes_on(user: Any, session_hash: str | None) -> bool:
    """Whether the session was begun under the user's present password."""
    if not hasattr(user, "get_session_auth_hash"):
        return True
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return session_hash is not None and any(constant_time_compare(session_hash, one) for one in hashes)
