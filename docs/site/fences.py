"""What stands behind the language of a fence becomes its title: the file that it is, or the terminal to type it in."""

from __future__ import annotations

import re
from typing import Any

OPENING = re.compile(r"^(?P<fence>`{3,})(?P<language>\w+) +(?P<title>[^`{\"\n]+?) *$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page, its fences in the words of pymdownx.superfences."""
    return OPENING.sub(r'\g<fence>\g<language> title="\g<title>"', markdown)
