"""What the source says follows from the answers alone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from sync.documents import Answer, Documents, Recorded, Wanted, listed, request_of
from sync.sources.toast.source import LIMITS, Toast
from tests.sync.toast.open import Open


@pytest.mark.parametrize("stream", ["menu", "stock"])
async def test_a_replay_says_the_same(toast: Open, stream: str) -> None:
    source, answers = Toast(toast.settings()), list[tuple[str, Answer]]()

    async def recorder(wanted: Wanted, answer: Answer) -> None:
        answers.append((request_of(wanted), answer))

    async with Documents(toast.url, LIMITS, recorder=recorder) as documents:
        live = [event async for event in source.pull(stream, {}, documents)]
    replay = Recorded(listed(answers))
    async with Documents(toast.url, LIMITS, transport=replay, now=datetime(2030, 1, 1, tzinfo=UTC)) as documents:
        replayed = [event async for event in source.pull(stream, {}, documents)]

    assert len(answers) == (4 if stream == "menu" else 2)
    assert Counter(map(repr, replayed)) == Counter(map(repr, live))
