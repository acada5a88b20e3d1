"""Who a row is."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sync.identity import ENCODER, Namer, digest, digest_of, node_id

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, TEXT, TEXT)
def test_many_rows_are_named_as_one_is(source: str, kind: str, key: str) -> None:
    assert UUID(hex=Namer(source).name(kind, key)) == node_id(source, kind, key)


def test_a_digest_does_not_see_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 2, "b": 1})
    assert UUID(hex=digest_of(ENCODER.encode({"a": 1}))) == digest({"a": 1})
