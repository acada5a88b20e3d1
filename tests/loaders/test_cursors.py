"""Cursors: exact values, bound to a list's order and filters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.cursors import decode_cursor, encode_cursor, fingerprint
from loaders.errors import BadCursor

MARK = fingerprint("items", ["name", "id"], {})


@given(st.lists(st.text(), max_size=4))
def test_a_cursor_gives_back_its_values(values: list[str]) -> None:
    try:
        encoded = encode_cursor(MARK, values)
    except TypeError:  # lone surrogates are not text that a database holds
        return

    assert decode_cursor(encoded, MARK, len(values)) == values


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadCursor, match="is not a cursor"):
        decode_cursor(text, MARK, 2)


@pytest.mark.parametrize(
    "other",
    [
        fingerprint("items", ["name"], {}),
        fingerprint("items", ["name", "id"], {"text": "soup"}),
        fingerprint("others", ["name", "id"], {}),
    ],
)
def test_a_cursor_of_another_order_or_filter_is_refused(other: str) -> None:
    cursor = encode_cursor(other, ["a", 1])

    with pytest.raises(BadCursor, match="belongs to a list with another order or other filters"):
        decode_cursor(cursor, MARK, 2)
