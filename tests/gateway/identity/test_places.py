"""Places are bounded in all, and shared fairly."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from gateway.endpoint.errors import RequestError
from gateway.identity.places import Places


def take(places: Places, client: str, held: ExitStack) -> int:
    """How many places a client gets that takes what it can."""
    taken = 0
    try:
        while True:
            held.enter_context(places.taken(client))
            taken += 1
    except RequestError:
        return taken


def test_one_gets_half_and_whoever_comes_next_half_of_the_rest() -> None:
    places = Places(100)

    with ExitStack() as held:
        assert [take(places, client, held) for client in ("a", "b", "c", "a")] == [50, 25, 13, 0]


def test_who_gets_none_is_told_to_come_again() -> None:
    with pytest.raises(RequestError, match="Too many credentials wait") as caught, Places(0).taken("a"):
        pytest.fail("there was no place")

    assert (caught.value.status, caught.value.code) == (503, "IDENTITY_UNAVAILABLE")
    assert dict(caught.value.headers)[b"retry-after"] == b"1"


def test_there_are_never_more_than_that() -> None:
    places = Places(100)

    with ExitStack() as held:
        assert sum(take(places, f"address {number}", held) for number in range(200)) == 100
        assert places.free == 0


def test_places_are_given_back() -> None:
    places = Places(100)

    with ExitStack() as held:
        take(places, "a", held)
    with pytest.raises(ValueError, match="it broke"), places.taken("a"):
        raise ValueError("it broke")

    assert places.free == 100
    assert not places._held
