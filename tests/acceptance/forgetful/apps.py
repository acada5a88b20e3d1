"""A Django app that plants a bug: answers are kept without the facets that they depend on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.apps import AppConfig


class ForgetfulConfig(AppConfig):
    """``tests.acceptance.forgetful``: makes the response cache forget whose an answer is."""

    name = "tests.acceptance.forgetful"
    label = "forgetful"

    def ready(self) -> None:
        from gateway.cache import keys  # noqa: PLC0415 - after the settings are there

        whole: Callable[..., Any] = keys.answer_key

        def without_facets(*arguments: Any) -> Any:
            key = whole(*arguments)
            return None if key is None else (*key[:-1], ())

        keys.answer_key = cast("Any", without_facets)
