"""Which registered document a text equals, however it is printed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

from graphql import GraphQLError

from persisted_queries.documents import Document, sha256_of
from persisted_queries.normalising import normal_form

REMEMBERED = 4096
"""Texts whose verdict is kept, the oldest go."""

Verdict = str | int
"""The SHA-256 of the document that a text equals, or the generation at which it equalled none."""

E = TypeVar("E")
Get = Callable[[str], Awaitable[E | None]]
"""What is registered under an id at this moment."""

FindByNormalForm = Callable[[str], Awaitable[list[Document]]]
"""The registered documents with a normal form, by its SHA-256; in the same order every time."""


class Safelist:
    """Finds the registered document that a text equals after normalisation.

    Verdicts are kept by the text's SHA-256. Which document it equals never changes; whether that is registered is asked
    every time, and that it equals none holds for one generation of the registry. generation: the number of that.
    """

    def __init__(self, find: FindByNormalForm, generation: Callable[[], int], *, remembered: int = REMEMBERED) -> None:
        self.find = find
        self.generation = generation
        self.remembered = remembered
        self._verdicts: OrderedDict[str, Verdict] = OrderedDict()

    async def entry(self, text: str, get: Get[E]) -> E | None:
        """What ``get`` has for the document that the text equals, None where it equals none.

        Raises what ``find`` and ``get`` raise.
        """
        own = sha256_of(text)
        if (found := await get(own)) is not None:
            return found
        generation = self.generation()
        known = self._verdicts.get(own)
        if isinstance(known, str):
            if (found := await get(known)) is not None:
                return found
        elif known == generation:
            return None
        sha256 = await self._look_up(text)
        self._remember(own, generation if sha256 is None else sha256)
        return None if sha256 is None else await get(sha256)

    async def _look_up(self, text: str) -> str | None:
        try:
            normal = sha256_of(normal_form(text))
        except (GraphQLError, RecursionError):
            return None
        documents = await self.find(normal)
        return documents[0].sha256 if documents else None

    def _remember(self, own: str, verdict: Verdict) -> None:
        self._verdicts[own] = verdict
        self._verdicts.move_to_end(own)
        while len(self._verdicts) > self.remembered:
            self._verdicts.popitem(last=False)
