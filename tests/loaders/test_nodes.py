"""Global ids: opaque, one spelling each."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from loaders.nodes import decode_id, encode_id, uuid_of


def test_an_id_gives_back_its_type_and_key() -> None:
    key = uuid4()

    assert decode_id(encode_id("Item", key)) == ("Item", str(key))
    assert uuid_of("Item")(encode_id("Item", key)) == key


@pytest.mark.parametrize("text", ["", "Item", "=", "SXRlbQ", "SXRlbTox=", "Ã", "SXRl bTox", "/w", "A" * 10_000])
def test_any_other_text_is_nobodys(text: str) -> None:
    assert decode_id(text) is None
    assert uuid_of("Item")(text) is None


def test_another_types_id_is_nobodys() -> None:
    assert uuid_of("Item")(encode_id("Menu", UUID(int=1))) is None
    assert uuid_of("Item")(encode_id("Item", "12")) is None
