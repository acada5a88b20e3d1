"""The bounded memory of statements."""

from __future__ import annotations

from loaders.recent import Recent


def test_keeps_the_values_used_last() -> None:
    made: list[str] = []
    recent: Recent[str] = Recent(2)

    def value(key: str) -> str:
        return recent.get(key, lambda: made.append(key) or key)  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "a", "b"):
        assert value(key) == key

    assert made == ["a", "b", "c", "b"]
    assert len(recent) == 2
