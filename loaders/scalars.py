"""Scalar values as text, exact."""

from __future__ import annotations

from decimal import Decimal


def plain_decimal(value: Decimal) -> str:
    """An exact decimal with its stored scale, never with an exponent; PostgreSQL's own text of a ``numeric``."""
    return format(value, "f")
