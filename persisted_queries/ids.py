"""Document ids: which are good, and which others a document has.

The persisted documents appendix of GraphQL over HTTP: an id with a colon is *prefixed* (``sha256:`` and 64 lowercase
hex digits of the text; ``x-…`` is private; every other prefix is reserved), an id without is *custom*.
"""

from __future__ import annotations

import hashlib
import re

from persisted_queries.documents import sha256_of

SHA256 = re.compile(r"[0-9a-f]{64}")
GOOD = re.compile(r"[!-~]{1,256}")
HEX = re.compile(r"[0-9A-Fa-f]+")
HASHES = {32: "md5", 40: "sha1", 64: "sha256"}


def forms(document_id: str, sha256: str) -> tuple[str, ...]:
    """Every id under which a document is found: the client's own, the bare SHA-256, the prefixed one."""
    return tuple(dict.fromkeys((document_id, sha256, f"sha256:{sha256}")))


def fault(document_id: str, text: str) -> tuple[str, str] | None:
    """The rule that an id breaks as the id of ``text``, and the offending value. None: it is good.

    An id that looks like an MD5, SHA-1 or SHA-256 has to be that of the text, or one text could be asked for and
    another be run.
    """
    if not GOOD.fullmatch(document_id):
        return "an id has 1 to 256 visible ASCII characters", repr(document_id)
    prefix, colon, rest = document_id.partition(":")
    if colon and prefix != "sha256":
        return None if prefix.startswith("x-") else ("an id's prefix is sha256: or begins with x-", document_id)
    if colon and not SHA256.fullmatch(rest):
        return "sha256: is followed by 64 lowercase hex digits", document_id
    name = HASHES.get(len(rest if colon else prefix)) if HEX.fullmatch(rest if colon else prefix) else None
    if name is None:
        return None
    digest = hash_of(name, text)
    wrong = (rest if colon else prefix) != digest
    return (f"the id is not the {name} of the document", f"{document_id} (it is {digest})") if wrong else None


def hash_of(name: str, text: str) -> str:
    """Lowercase hex digest of a text under one of ``HASHES``."""
    if name == "sha256":
        return sha256_of(text)
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()
