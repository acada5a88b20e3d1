"""The bounded memory of statements."""

from __future__ import annotations

from loaders.recent import Recent


def test_keeps_the_values_used_last() -> None:
    made: list[str] = []
    recent: Recent[str] = Recent(2)

    def value(key: str) -> str:
        def make() -> str:
            made.append(key)
            return key

        return recent.get(key, make)

    for key in ("a", "b", "a", "c", "a", "b"):
        assert value(key) == key

    assert made == ["a", "b", "c", "b"]
    assert len(recent) == 2
