from __future__ import annotations

import pytest
from graphql import GraphQLError

from larder.scalars import parse_big


@pytest.mark.parametrize("text", ["0", "-9223372036854775808", "9223372036854775807"])
def test_a_big_int_is_read_out_of_its_digits(text: str) -> None:
    assert parse_big(text) == int(text)


@pytest.mark.parametrize("value", ["", "1_0", "\u0661", "1.0", " 1", "9223372036854775808", "9" * 5000, 1, None, True])
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="a BigInt is a whole number of at most 64 bits as text"):
        parse_big(value)
