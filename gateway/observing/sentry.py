"""Bugs told to Sentry (https://docs.sentry.io/platforms/python/), with nothing of what the request held."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from gateway.errors import ConfigError
from gateway.observing.correlation import current

SETTING = "LARDER_SENTRY_DSN"
LEFT_OUT = ("request", "user", "extra", "breadcrumbs", "server_name", "modules", "logentry", "threads")
SOURCE = ("vars", "pre_context", "post_context", "context_line")
FLUSH_SECONDS = 2.0


class Sentry:
    """Tells of bugs. Where it is set up nothing else is recorded: no performance, no breadcrumbs, no other library.

    Raises ``ConfigError`` where the extra ``sentry`` is not installed or the address is none.
    """

    def __init__(self, dsn: str) -> None:
        try:
            import sentry_sdk  # noqa: PLC0415 - an extra, and a second's start-up
        except ImportError as error:
            raise ConfigError(SETTING, "needs the extra larder[sentry]") from error
        try:
            self._client = sentry_sdk.Client(
                dsn=dsn,
                default_integrations=False,
                auto_enabling_integrations=False,
                include_local_variables=False,
                include_source_context=False,
                max_breadcrumbs=0,
                max_request_body_size="never",
                before_send=scrubbed,
                auto_session_tracking=False,
                send_client_reports=False,
            )
        except ValueError as error:
            raise ConfigError(SETTING, str(error)) from error
        self._event = sentry_sdk.utils.event_from_exception

    def tell(self, bug: BaseException) -> None:
        """Send a bug in the background, tagged with the correlation id of the request at hand."""
        event, hint = self._event(bug, client_options=self._client.options)
        correlation_id = current()
        if correlation_id is not None:
            event["tags"] = {"request_id": correlation_id}
        self._client.capture_event(event, hint)

    def close(self) -> None:
        """Send what is left, within seconds."""
        self._client.close(timeout=FLUSH_SECONDS)


def scrubbed(event: Any, _hint: object = None) -> Any:
    """The event without anything that a client sent: types and places of exceptions stay, their messages go.

    A message may hold a variable's value: ``invalid literal for int(): '…'``.
    """
    for name in LEFT_OUT:
        event.pop(name, None)
    for exception in event.get("exception", {}).get("values", ()):
        exception["value"] = "the log has the message"
        for frame in (exception.get("stacktrace") or {}).get("frames", ()):
            forget(frame)
    return event


def forget(frame: MutableMapping[str, Any]) -> None:
    """Leave variables and source lines out of a frame."""
    for name in SOURCE:
        frame.pop(name, None)
