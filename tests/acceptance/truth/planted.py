"""Django apps that each plant one bug into the response cache of a gateway; to be named in LARDER_APPS.

The suite has to find every one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from django.apps import AppConfig


class Planted(AppConfig):
    """A bug, planted before the gateway is put together."""

    name = "tests.acceptance.truth"
    label = "planted"


class ForgottenVariables(Planted):
    """Answers are kept without the variables that they were asked with."""

    def ready(self) -> None:
        from gateway.cache import keys  # noqa: PLC0415 - after the settings are there

        whole: Callable[..., Any] = keys.answer_key

        def without_variables(*arguments: Any) -> Any:
            key = whole(*arguments)
            return None if key is None else (*key[:2], b"", key[3])

        plant(keys, "answer_key", without_variables)


class ForgottenHead(Planted):
    """Stamps say nothing of the stock."""

    def ready(self) -> None:
        from gateway.cache.entries import Entry  # noqa: PLC0415 - after the settings are there
        from loaders.stamps import Stamp  # noqa: PLC0415 - after the settings are there

        whole = Entry.__post_init__

        def without_stock(entry: Entry) -> None:
            stamp = entry.stamp
            heads = {name: version for name, version in stamp.heads.items() if name != "larder_availability"}
            entry.stamp = Stamp(heads, stamp.instant, stamp.changes_at)
            whole(entry)

        plant(Entry, "__post_init__", without_stock)


class ForgottenClock(Planted):
    """Answers are kept beyond the instant at which they change."""

    def ready(self) -> None:
        from gateway.cache.entries import Entry  # noqa: PLC0415 - after the settings are there

        whole = Entry.__post_init__

        def for_ever(entry: Entry) -> None:
            whole(entry)
            entry.until = math.inf

        plant(Entry, "__post_init__", for_ever)


class UncheckedRedis(Planted):
    """What is found in Redis is given whatever its stamp says."""

    def ready(self) -> None:
        from gateway.cache.answers import ResponseCache  # noqa: PLC0415 - after the settings are there
        from gateway.cache.entries import Entry  # noqa: PLC0415 - after the settings are there

        async def unchecked(cache: ResponseCache, key: Any, make: Any) -> Entry | None:
            if cache.shared is None or (read := await cache.shared.read(key)) is None:
                return None
            return Entry(key, *read, make, cache.watch.epoch)

        plant(ResponseCache, "_from_shared", unchecked)


class LongBound(Planted):
    """Heads count as known for two seconds."""

    def ready(self) -> None:
        from gateway.cache import heads  # noqa: PLC0415 - after the settings are there

        plant(heads.HeadWatch, "__init__", partialmethod_of(heads.HeadWatch.__init__, bound_seconds=2.0))


class UncheckedFlight(Planted):
    """Who comes late to an execution takes whatever it has seen."""

    def ready(self) -> None:
        from gateway.cache.answers import ResponseCache  # noqa: PLC0415 - after the settings are there

        async def agrees(*_: Any) -> bool:
            return True

        plant(ResponseCache, "_agrees", agrees)


def plant(owner: Any, name: str, made: Any) -> None:
    setattr(owner, name, made)


def partialmethod_of(method: Callable[..., Any], **given: Any) -> Callable[..., Any]:
    def called(*arguments: Any, **options: Any) -> Any:
        return partial(method, *arguments)(**{**options, **given})

    return called


BUGS = tuple(bug.__name__ for bug in Planted.__subclasses__())
