"""Messages without graphql-core's suggestions, which tell names to those who may not read the schema.

``graphql.pyutils.did_you_mean`` appends `` Did you mean 'a', 'b', or 'c'?`` to a message, with a few words before the
first name; strawberry gives its validation no way to leave that out.
"""

from __future__ import annotations

import re

NAME = r"'[^']*'"
SUGGESTIONS = re.compile(rf" Did you mean (?:[a-z ]+ )?{NAME}(?:, {NAME})*(?:,? or {NAME})?\?")


def without_suggestions(message: str) -> str:
    """The message without any suggestion."""
    return SUGGESTIONS.sub("", message)
