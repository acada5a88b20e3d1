"""Gateways as processes of their own, over a store with one storefront."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from tests.acceptance.processes import free_port, running


class Serve(Protocol):
    """Starts a gateway, as a context: keywords are settings, the value is its address."""

    def __call__(self, **settings: str) -> AbstractContextManager[str]: ...


@contextmanager
def gateway(**settings: str) -> Iterator[str]:
    """The address of a gateway, until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(["serve"], f"{url}/health/ready", PORT=str(port), **settings):
        yield url
