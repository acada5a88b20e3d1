"""The applications that are asked about the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.acceptance.truth import places, shelves
from tests.acceptance.truth.asking import Question
from tests.acceptance.truth.place_writers import place_writers
from tests.acceptance.truth.shelf_writers import shelf_writers
from tests.acceptance.truth.writing import Writer


@dataclass(frozen=True, slots=True)
class World:
    """An application with writers, the last of which writes in the most ways. settings: of its gateway.

    locked: a table that ``late`` reads and no writer's first stroke touches.
    """

    questions: Sequence[Question]
    writers: Sequence[Writer]
    settings: Mapping[str, str]
    late: Question
    locked: str


async def catalog() -> World:
    """Places that sell, some of them published."""
    writers = await asyncio.to_thread(place_writers)
    questions = places.questions([writer.subject for writer in writers])
    return World(questions, writers, {}, places.by_slug("everything", writers[0].subject), "larder_placement")


async def library() -> World:
    """Another application with other tables."""
    writers = await asyncio.to_thread(shelf_writers)
    questions = shelves.questions([writer.subject for writer in writers])
    settings = {"LARDER_APPS": "tests.library", "LARDER_SCHEMA": "tests.library.schema:schema"}
    return World(questions, writers, settings, shelves.by_slug("books", writers[0].subject), "library_copy")
