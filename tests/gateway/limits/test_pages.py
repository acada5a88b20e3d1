"""The size of pages, as it is set."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("most", "usual"), [("250", "20"), ("7", "7")])
def test_the_schema_tells_how_large_a_page_may_be(most: str, usual: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "gateway", "schema", "print"],
        env={**os.environ, "LARDER_MAX_PAGE": most},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert f"Rows from the start; {usual} if neither first nor last is given, at most {most}." in printed
    assert f"Rows from the end, at most {most}." in printed
    assert f'@listSize(assumedSize: {usual}, slicingArguments: ["first", "last"]' in printed
