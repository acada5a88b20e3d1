"""What is remembered: no more than a weight, the rest is forgotten in the order of its last use."""

from __future__ import annotations

from gateway.endpoint.remembered import Remembered


def test_what_was_used_least_recently_goes() -> None:
    remembered: Remembered[int] = Remembered(10)
    remembered.keep("a", 1, 4)
    remembered.keep("b", 2, 4)
    assert remembered.get("a") == 1

    remembered.keep("c", 3, 4)

    assert [remembered.get(key) for key in "abc"] == [1, None, 3]
    assert (remembered.weight, len(remembered)) == (8, 2)


def test_what_is_kept_again_weighs_once() -> None:
    remembered: Remembered[int] = Remembered(10)
    remembered.keep("a", 1, 9)

    remembered.keep("a", 2, 3)

    assert (remembered.get("a"), remembered.weight) == (2, 3)


def test_what_is_too_heavy_drives_nothing_out() -> None:
    remembered: Remembered[int] = Remembered(10)
    remembered.keep("a", 1, 9)

    remembered.keep("b", 2, 11)

    assert (remembered.get("a"), remembered.get("b")) == (1, None)
