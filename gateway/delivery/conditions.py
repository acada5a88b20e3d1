"""Conditional requests (RFC 9110, section 13.1.2)."""

from __future__ import annotations

import re

TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)')
MAX_LENGTH = 4096


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether the client has ``etag``, a strong one, by its ``If-None-Match``: compared weakly, in a list, or ``*``.

    A header that is too long or no list of tags knows nothing from the first bad place on.
    """
    if not if_none_match:
        return False
    if if_none_match == etag or if_none_match.strip() == "*":
        return True
    if len(if_none_match) > MAX_LENGTH:
        return False
    at = 0
    while at < len(if_none_match):
        if if_none_match[at] in " \t,":
            at += 1
            continue
        found = TAG.match(if_none_match, at)
        if found is None:
            return False
        if found[1] == etag:
            return True
        at = found.end()
    return False
