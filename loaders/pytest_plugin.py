"""Larder's pytest plugin: the fixture ``assert_statements``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from loaders.testing import AssertStatements
from loaders.testing import assert_statements as assertion


@pytest.fixture
def assert_statements() -> Callable[[int], AssertStatements]:
    """Makes a block that fails unless it sends that many statements to the store."""
    return assertion
